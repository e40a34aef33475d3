"""Charts of runs, for the pages Curves and Run."""
