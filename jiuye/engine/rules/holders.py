"""Who holds a fact (`register` of facts and relations) in both languages: `holders` of facts.yaml, Chinese name → English name.

What is kept of a check or a paper names its holder in Chinese; the English stands beside the facts, so that a page in English can
say it of what was kept years ago too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from jiuye.engine.basis.documents import Mapping as Node
from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.problems import Problems, did_you_mean

if TYPE_CHECKING:
    from jiuye.engine.rules.vocabulary import Fact, Relation, Vocabulary

# What a derived fact has for its holder.
BY_THE_RULES = "由规则推算"
BY_THE_RULES_EN = "worked out by the rules"
BETWEEN = "、"  # between several holders in one text
_CHINESE = re.compile("[\u4e00-\u9fff]")


def read_holders(node: Node | None, vocabulary: Vocabulary, problems: Problems) -> None:
    """The English names of `holders`; one that is empty, or Chinese itself, is a mistake."""
    for name, place, value in node.items() if node is not None else ():
        text = value.text.strip() if isinstance(value, Scalar) and not value.is_null else ""
        if not text or _CHINESE.search(text):
            problems.add(
                place,
                "no-english-name",
                zh=f"“{name}”没有英文名。请写成 {name}: English name。",
                en=f"'{name}' has no English name; write {name}: English name.",
            )
        vocabulary.holders[name] = text
        vocabulary.holder_places[name] = place


def check_holders(vocabulary: Vocabulary, problems: Problems) -> None:
    """Every holder named by a fact or a relation has its English name, and every English name a holder.

    A pack without `holders` is in one language: nothing is asked of it.
    """
    if not vocabulary.holders:
        return
    named = set()
    for thing in _held(vocabulary):
        named.add(thing.register)
        if thing.register not in vocabulary.holders:
            zh, en = did_you_mean(thing.register, vocabulary.holders)
            problems.add(
                thing.place,
                "no-english-name",
                zh=f"“{thing.register}”没有英文名，英文页面上会留下中文。请写进 facts.yaml 的 holders。{zh}",
                en=f"'{thing.register}' has no English name and would stay Chinese on English pages; add it to `holders` of facts.yaml. {en}",
            )
    for name in sorted(vocabulary.holders.keys() - named):
        problems.add(
            vocabulary.holder_places[name],
            "holds-nothing",
            zh=f"没有事实或关系由“{name}”掌握。请删去，或改正它的名字。",
            en=f"no fact or relation is held by '{name}'; remove it, or correct its name.",
        )


def _held(vocabulary: Vocabulary) -> Iterator[Fact | Relation]:
    for entity in vocabulary.entities.values():
        things: list[Fact | Relation] = [*entity.facts.values(), *entity.relations.values()]
        for thing in things:
            if thing.register and thing.register != BY_THE_RULES:
                yield thing


def in_english(text: str, holders: Mapping[str, str]) -> str:
    """The holders of a text, several of them between 、, in English; what has no English name stays as it is."""
    found, rest = [], text
    while rest:
        # A name may itself hold a 、: the longest that the text goes on with is meant.
        near = [name for name in holders if rest == name or rest.startswith(name + BETWEEN)]
        name = max(near, key=len, default=rest.partition(BETWEEN)[0])
        found.append(BY_THE_RULES_EN if name == BY_THE_RULES else holders.get(name) or name)
        rest = rest[len(name) + len(BETWEEN) :]
    return ", ".join(found) if found != text.split(BETWEEN) else text
