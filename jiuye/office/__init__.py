"""What is recorded and done: one Django application a word, in a fixed order from targets down to staff."""
