"""What the lake holds: keys, tables, values, rows, errors. No I/O, no clock, no pyarrow at import."""
