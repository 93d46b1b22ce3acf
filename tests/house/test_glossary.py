"""The glossary is held to the code: no name that does not exist, no vocabulary word left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jiuye.office.casework.states import STATES
from jiuye.office.entitlements.states import CLAIM_KINDS, VERDICTS
from jiuye.office.registry.states import EMPLOYMENT_KINDS, STATUS_KINDS
from jiuye.office.staff.roles import ROLES

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (?P<zh>[^|]+) \| (?P<names>(?:`[^`]+`(?:, )?)+) \|")


def rows() -> list[tuple[str, list[str]]]:
    found = []
    for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        if (match := ROW.match(line)) is not None:
            found.append((match["zh"].strip(), re.findall(r"`([^`]+)`", match["names"])))
    return found


@pytest.fixture(scope="module")
def code() -> str:
    """All our own Python and pack content as one text."""
    files = [*(ROOT / "jiuye").rglob("*.py"), *(ROOT / "plans").rglob("*.yaml")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if "migrations" not in path.parts)


def test_every_name_of_the_glossary_occurs_in_the_code(code: str) -> None:
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", code)) | set(
        re.findall(r"[A-Za-z_][A-Za-z0-9_]*", code)
    )
    absent = [name for _, names in rows() for name in names if name not in words]
    assert absent == []


@pytest.mark.parametrize(
    "vocabulary",
    [STATUS_KINDS, ROLES, EMPLOYMENT_KINDS, STATES, CLAIM_KINDS, VERDICTS],
    ids=["statuses", "roles", "employment", "case states", "claims", "verdicts"],
)
def test_every_word_of_a_vocabulary_stands_in_the_glossary(vocabulary: dict[str, object]) -> None:
    known = {name for _, names in rows() for name in names}
    assert [word for word in vocabulary if word not in known] == []


def test_a_chinese_term_is_explained_once() -> None:
    terms = [term for term, _ in rows()]
    assert sorted(term for term in set(terms) if terms.count(term) > 1) == []
