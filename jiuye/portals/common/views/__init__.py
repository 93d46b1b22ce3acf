"""The pages that all portals share: log-in, landing, display preferences, errors."""
