"""The rule language: read, check, explain one, sweep all. See docs/rule-language.md.

Way of a policy: YAML → `vocabulary`, `parameters`, `policies` (checked records) → `typing` (a typed tree, from an
`ast` whitelist) → two evaluators of one meaning: `closures` (one subject, explained by `explain`) and `columns` (everyone,
run by `sweep` on DuckDB).
"""
