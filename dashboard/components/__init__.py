"""Browser components: a Python file, its script and its sheet side by side."""
