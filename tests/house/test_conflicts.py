"""docs/conflicts.md is held to the pack: every conflict is settled somewhere, in the words that are quoted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "plans" / "yangzhou-2023-2025"
HEADING = re.compile(r"^## (\d+)\. (.+)$")
# The quotation may hold quotation marks of its own: it ends with the line.
QUOTATION = re.compile(r"^- `([^`]+)`: “(.+)”$")
CONFLICTS = 15


def chapters() -> dict[int, list[tuple[str, str]]]:
    """The numbered chapters, each with its quotations (file, words); what is settled since stands under 0."""
    found: dict[int, list[tuple[str, str]]] = {}
    number = 0
    for line in (ROOT / "docs" / "conflicts.md").read_text(encoding="utf-8").splitlines():
        if (heading := HEADING.match(line)) is not None:
            number = int(heading[1])
        elif line.startswith("## "):
            number = 0
        if (quotation := QUOTATION.match(line)) is not None:
            found.setdefault(number, []).append((quotation[1], quotation[2]))
    return found


def notes_of(node: Any) -> list[str]:
    """Every text under `notes` or `note`, however deep."""
    if isinstance(node, list):
        return [text for item in node for text in notes_of(item)]
    if not isinstance(node, dict):
        return []
    own = [str(value) for key, value in node.items() if key in ("note", "notes")]
    return own + [
        text for key, value in node.items() if key not in ("note", "notes") for text in notes_of(value)
    ]


def test_each_of_the_fifteen_conflicts_is_settled_in_some_file() -> None:
    assert [number for number in sorted(chapters()) if number] == list(range(1, CONFLICTS + 1))


@pytest.mark.parametrize(("name", "words"), [pair for pairs in chapters().values() for pair in pairs])
def test_the_notes_of_the_file_say_what_the_page_quotes(name: str, words: str) -> None:
    file = PACK / name
    assert file.is_file(), name
    # A folded YAML text turns its line breaks into blanks, which mean nothing between Chinese words.
    texts = [re.sub(r"\s+", "", text) for text in notes_of(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert any(re.sub(r"\s+", "", words) in text for text in texts), (name, words)
