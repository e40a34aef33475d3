"""All projects."""
