"""One module a contender; each runs as a process of its own and prints what it took as one line of JSON."""
