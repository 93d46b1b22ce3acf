"""What every other room of the engine stands on: problems, YAML with line numbers, dates, money, workdays."""
