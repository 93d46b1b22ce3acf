"""The pack's `budget.yaml`: what is drawn counts where, and what is assumed of those who are not on record yet.

place: {person: county, employer: county}       # the fact that holds the county of who receives
whose: {person: "", hire: worker}               # whom a benefit counted by it is about: itself, or reached over a relation
draws:                                          # what a month paid adds to, so that a term is seen to end
  unemployment-benefit: [{fact: benefit_months_drawn}]
  difficult-person-insurance-subsidy: [{entity: person, through: worker, fact: difficulty_subsidy_months, when: difficulty_recognised}]
assumptions:                                    # in percent; each is a line that the office sees and may change
  entrants: {name: …, name_en: …, percent: 100, basis: …, basis_en: …}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Sequence, read_yaml, whole_number
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.pack import Pack

FILE_NAME = "budget.yaml"
# What the reckoning knows how to use; a pack names each of them with its words and its basis.
ASSUMPTIONS = ("entrants", "take_up", "carried_over")
MOST_PERCENT = 1000


@dataclass(frozen=True, slots=True)
class Draw:
    """A month paid under a policy adds `months` to `fact` of the subject, or of `entity` reached `through` a relation.

    `when` and `unless` name yes-or-no facts of that entity.
    """

    fact: str
    entity: str = ""
    through: str = ""
    months: int = 1
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption with its starting value in percent, and what it rests on."""

    id: str
    name: str
    name_en: str
    percent: int
    basis: str
    basis_en: str


@dataclass(frozen=True, slots=True)
class BudgetContent:
    places: dict[str, str]
    whose: dict[str, str]
    draws: dict[str, tuple[Draw, ...]]
    assumptions: tuple[Assumption, ...]


def load_budget(
    folder: Path, pack: Pack, *, problems: Problems | None = None
) -> tuple[BudgetContent | None, Problems]:
    """The file of that pack's folder, held against its vocabulary; None where it cannot be read."""
    problems = Problems() if problems is None else problems
    root = read_yaml(folder / FILE_NAME, problems, base=folder)
    if root is None:
        return None, problems
    reader = _Reader(pack, problems)
    content = BudgetContent(
        reader.places(root.mapping("place", required=True)),
        reader.whose(root.mapping("whose")),
        reader.draws(root.mapping("draws")),
        reader.assumptions(root.mapping("assumptions", required=True)),
    )
    root.finish()
    return content, problems


class _Reader:
    def __init__(self, pack: Pack, problems: Problems) -> None:
        self.pack, self.problems = pack, problems

    def places(self, node: Mapping | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for entity in node.keys() if node is not None else ():
            assert node is not None
            fact = node.text(entity)
            if self._has_fact(node, entity, entity, fact):
                found[entity] = fact
        return found

    def whose(self, node: Mapping | None) -> dict[str, str]:
        """By entity the to-one relation that leads to the one its benefits are about; empty where that is the entity itself."""
        found: dict[str, str] = {}
        for entity in node.keys() if node is not None else ():
            assert node is not None
            relation, known = node.text(entity), self.pack.vocabulary.entities.get(entity)
            ones = (
                {name for name, row in known.relations.items() if not row.via} if known is not None else set()
            )
            if known is not None and (not relation or relation in ones):
                found[entity] = relation
                continue
            zh, en = did_you_mean(relation, ones if known is not None else self.pack.vocabulary.entities)
            self.problems.add(
                node.key_place(entity),
                "unknown-relation",
                zh=f"“{entity}”没有单值关系“{relation}”。{zh}",
                en=f"'{entity}' has no to-one relation '{relation}'; {en}",
            )
        return found

    def draws(self, node: Mapping | None) -> dict[str, tuple[Draw, ...]]:
        found: dict[str, tuple[Draw, ...]] = {}
        for policy_id in node.keys() if node is not None else ():
            assert node is not None
            policy = self.pack.policies.get(policy_id)
            if policy is None:
                zh, en = did_you_mean(policy_id, self.pack.policies)
                self.problems.add(
                    node.key_place(policy_id),
                    "unknown-policy",
                    zh=f"没有政策“{policy_id}”。{zh}",
                    en=f"there is no policy '{policy_id}'; {en}",
                )
                continue
            found[policy_id] = self._draws_of(node.sequence(policy_id), policy.entity)
        return found

    def _draws_of(self, items: Sequence | None, own: str) -> tuple[Draw, ...]:
        found = []
        for item in items or ():
            if not isinstance(item, Mapping):
                self.problems.add(
                    item.place,
                    "wrong-shape",
                    zh="这里应当是一组“键: 值”。",
                    en="a mapping of keys to values should stand here.",
                )
                continue
            draw = Draw(
                fact=item.text("fact", required=True),
                entity=item.text("entity"),
                through=item.text("through"),
                months=item.whole("months") or 1,
                when=item.text("when"),
                unless=item.text("unless"),
            )
            item.finish()
            entity = draw.entity or own
            named = [("fact", draw.fact), ("when", draw.when), ("unless", draw.unless)]
            if all(self._has_fact(item, key, entity, fact) for key, fact in named if fact):
                found.append(draw)
        return tuple(found)

    def assumptions(self, node: Mapping | None) -> tuple[Assumption, ...]:
        found = []
        for key, place, item in node.mappings("假定", "the assumption") if node is not None else ():
            if key not in ASSUMPTIONS:
                zh, en = did_you_mean(key, ASSUMPTIONS)
                self.problems.add(
                    place,
                    "unknown-assumption",
                    zh=f"没有叫“{key}”的假定。{zh}",
                    en=f"there is no assumption '{key}'; {en}",
                )
            found.append(
                Assumption(
                    key,
                    item.text("name", required=True),
                    item.text("name_en", required=True),
                    self._percent(item),
                    item.text("basis", required=True),
                    item.text("basis_en", required=True),
                )
            )
            item.finish()
        if node is not None:
            for key in ASSUMPTIONS:
                if key not in node:
                    self.problems.add(
                        node.place,
                        "no-assumption",
                        zh=f"缺少假定“{key}”。测算要用它，请写明取值和依据。",
                        en=f"the assumption '{key}' is missing; the projection needs its value and what it rests on.",
                    )
        return tuple(found)

    def _percent(self, item: Mapping) -> int:
        scalar = item.scalar("percent", required=True)
        if scalar is None:
            return 0
        value = whole_number(scalar, self.problems)
        if value is None or not 0 <= value <= MOST_PERCENT:
            self.problems.add(
                scalar.place,
                "bad-percent",
                zh=f"百分比应是 0 到 {MOST_PERCENT} 的整数。",
                en=f"a percentage is a whole number from 0 to {MOST_PERCENT}.",
            )
            return 0
        return value

    def _has_fact(self, node: Mapping, key: str, entity: str, fact: str) -> bool:
        known = self.pack.vocabulary.entities.get(entity)
        if known is not None and fact in known.facts:
            return True
        zh, en = did_you_mean(fact, known.facts if known is not None else self.pack.vocabulary.entities)
        self.problems.add(
            node.key_place(key),
            "unknown-fact",
            zh=f"“{entity}”没有事实“{fact}”。{zh}",
            en=f"'{entity}' has no fact '{fact}'; {en}",
        )
        return False
