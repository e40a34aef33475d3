"""Pictures, figures, tables, sounds and texts that a run logged beside its points: keys, columns, bytes. Pure."""
