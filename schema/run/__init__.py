"""The row of a run: its fields, what they hold, and the summaries of its metrics."""
