"""Situations in which pages are opened and their queries counted: each module names in PAGES the addresses that it walks, and walks them all.

What no module here names is walked in a whole city by tests/portals/test_query_counts.py, which fails for a page that nobody walked.
"""
