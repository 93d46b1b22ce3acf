"""Figures, side by side: see benchmarks/README.md."""
