"""Benchmarks: the figures of docs/performance.md, each measured by its own function: `python -m bench [NAME ...]`."""
