"""Next year's budget: the sweep projected forward, what is assumed on top of it, and the floors that a document sets."""
