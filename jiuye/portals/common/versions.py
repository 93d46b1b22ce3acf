"""A version of a policy as a page shows it: the law above each condition, and the texts it stood in."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import Dated
from jiuye.office.policies.queries import ArchivedPolicy
from jiuye.portals.common.templatetags.jiuye import content


@dataclass(frozen=True, slots=True)
class Article:
    """One condition (or the amount): plain words, the law's own, its document, and the expression that carries it out."""

    says: str
    law: str
    source: str
    tests: tuple[tuple[str, str], ...]  # (from which day, expression); the day is empty for a plain one


def law_of(policy: Policy) -> list[Article]:
    """Every condition of a policy in its order, then the amount."""
    articles = [
        Article(
            content(clause, "says"),
            clause.law,
            clause.source.citation if clause.source is not None else "",
            _tests(clause.test),
        )
        for clause in policy.clauses
    ]
    if policy.amount is not None:
        articles.append(Article(_("金额"), policy.amount_law, "", _tests(policy.amount)))
    return articles


def _tests(dated: Dated) -> tuple[tuple[str, str], ...]:
    plain = len(dated.versions) == 1
    return tuple(
        ("" if plain else start.isoformat(), " ".join(node.text.split())) for start, node in dated.versions
    )


def text_of(found: ArchivedPolicy) -> list[tuple[str, list[str]]]:
    """The texts with the policy's own first, each as its lines."""
    own = found.policy.file if found.policy is not None else ""
    names = sorted(found.texts, key=lambda name: (name != own, name))
    return [(name, found.texts[name].splitlines()) for name in names]
