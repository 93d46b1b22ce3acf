"""The board's views: each makes one call to the domain and translates the answer."""
