"""Whole files to and from a store: cut in parts, hashed on the way."""
