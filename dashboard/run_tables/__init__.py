"""Frames of runs as columns and cells of a table. Without Streamlit."""
