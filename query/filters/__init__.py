"""The filter language: from text to a tree, to a Polars expression, to widgets and to a sentence."""
