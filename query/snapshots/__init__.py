"""A project, or all projects, as read at one moment."""
