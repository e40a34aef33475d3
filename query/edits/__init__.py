"""What people decide about runs, and the views that they save."""
