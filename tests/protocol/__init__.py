"""Explicit-state models of the lake's protocol, small enough to be exhausted, one question each.

`python -m tests.protocol` answers all questions and prints the table of `docs/decisions/001`.
"""
