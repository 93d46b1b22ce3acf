"""Filling a text's named fields, once: what a field holds is never read for fields again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FIELD = re.compile(r"\{([a-z_]+)\}")
_BRACE = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Words:
    """One value in both languages."""

    zh: str
    en: str = ""

    def of(self, language: str) -> str:
        return (self.en or self.zh) if language == "en" else self.zh


class FieldMissingError(KeyError):
    """A text names a field that its occasion did not hand over; the loader refuses such a text, so that this is a mistake in code."""

    def __init__(self, field: str) -> None:
        super().__init__(
            f"消息文字要用字段“{field}”，但办理时没有给出。 The text needs the field '{field}', which was not given."
        )


def fields_of(text: str) -> Iterator[tuple[str, int, int]]:
    """(field, start, end) of every `{field}` in the text."""
    for found in FIELD.finditer(text):
        yield found.group(1), found.start(), found.end()


def stray_brace(text: str) -> int | None:
    """Where a brace stands that belongs to no field, or None."""
    found = _BRACE.search(FIELD.sub(lambda match: " " * len(match.group(0)), text))
    return found.start() if found is not None else None


def render(text: str, values: Mapping[str, Words], language: str) -> str:
    """The text with its fields filled in that language. Raises FieldMissingError."""

    def fill(found: re.Match[str]) -> str:
        if found.group(1) not in values:
            raise FieldMissingError(found.group(1))
        return values[found.group(1)].of(language)

    return FIELD.sub(fill, text)
