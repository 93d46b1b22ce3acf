"""The desk under load: `python -m benchmarks.load`, or `make load`."""
