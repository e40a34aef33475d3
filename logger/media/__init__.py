"""Pictures, figures, tables, sounds and texts beside points: what `log()` takes, and how it becomes bytes."""
