"""The figures of docs/performance.md, each measured by a script of its own: `python -m bench [NAME ...]`."""
