"""What an analyst imports: Polars frames over a lake. Reads only, but for people's edits."""
