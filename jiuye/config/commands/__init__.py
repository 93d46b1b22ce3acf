"""One module a command. A command that needs no database imports no Django at module level."""
