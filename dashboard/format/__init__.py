"""How numbers, names and notes are written on the screen. Without Streamlit."""
