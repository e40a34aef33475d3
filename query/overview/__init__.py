"""The whole lake at a glance: what runs, what it holds, what it costs."""
