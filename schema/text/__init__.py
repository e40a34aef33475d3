"""Text of people and of objects: JSON, labels, names that were meant, what can be printed."""
