"""The process around the pages."""
