"""What a training job imports: `init`, `Run`, and what carries its points to the lake. Writes only."""
