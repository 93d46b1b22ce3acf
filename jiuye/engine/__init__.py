"""How it is computed: pure Python, no framework, no clock, no I/O beyond the files it is handed."""
