"""The rules beside other engines, hand-written SQL and compiled loops: `python -m benchmarks.rules`."""
