"""Dated rows that registers deliver: contributions, births, an employer's insurance figures; skills add their own kinds."""
