"""Benchmarks: `python -m benchmarks` runs them, prints a table and keeps the figures as JSON in benchmarks/results/.

The machine is noisy, so every figure stands beside a physical reference taken in the same run where there is one, and
what counts is the ratio. Nothing here is a test; `docs/performance.md` is made of the figures.
"""
