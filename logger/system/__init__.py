"""How busy the machine is while a run goes on."""
