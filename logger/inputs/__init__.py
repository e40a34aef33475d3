"""What people pass: arguments, config, metrics and their definitions."""
