"""Runs as tables: filtered, sorted, grouped, labelled, coloured."""
