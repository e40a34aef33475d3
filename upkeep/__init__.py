"""What keeps a lake tidy: recovery of what a killed job left, packing. pyarrow only; idempotent tasks."""
