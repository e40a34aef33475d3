"""The background threads that all open runs of a process share, and what they do for each of them."""
