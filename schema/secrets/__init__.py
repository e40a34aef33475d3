"""What is likely a secret, by its name or its shape, and what stands in its place."""
