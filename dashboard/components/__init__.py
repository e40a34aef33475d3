"""Browser components: a Python file each, and below `browser/` a folder of scripts and a style sheet."""
