"""What a browser shows: Streamlit pages over `lakeboard.query`, nothing a notebook could not do without it."""
