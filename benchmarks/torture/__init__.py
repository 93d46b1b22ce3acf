"""Casework and money under kills: `python -m benchmarks.torture`, or `make torture`."""
