"""Many small objects as one: packs of run rows and of edits."""
