"""Media of runs: which there are, and their bytes by few ranged requests."""
