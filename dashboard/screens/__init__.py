"""The pages, a folder each, named as in the navigation."""
