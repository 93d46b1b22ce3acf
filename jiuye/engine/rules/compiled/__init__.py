"""The evaluator for everyone, compiled: the typed tree becomes machine code that runs over columns in memory.

`columns` (SQL on DuckDB) and this room have one meaning; property tests hold both to `closures`. SQL stays for what machine
code leaves: numbers beyond 64 bits, data beyond memory, and the cluster. Begin reading at `emit.py`, then `run.py`.
"""
