"""Everything that leans on Streamlit's insides, each behind a guard."""
