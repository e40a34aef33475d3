"""What artifacts are in a lake: names, keys, manifests, acts. No I/O, no clock, no pyarrow at import."""
