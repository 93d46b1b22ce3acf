"""The rule language: read, check, explain one, sweep all. See docs/rule-language.md.

Way of a policy: YAML → `vocabulary`, `parameters`, `policies` (checked records) → `typing` (a typed tree, from an
`ast` whitelist) → evaluators of one meaning: `closures` (one subject, explained by `explain`), and for everyone, run by
`sweep`, `compiled` (machine code), `columns` (SQL on DuckDB) and `columns_spark` (SQL on a cluster).
"""
