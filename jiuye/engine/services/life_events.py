"""Reading the life events of a pack (就业一件事): what each calls for, what it says itself, and which question is asked once for several items."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Scalar, Sequence, read_yaml
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.pack import Pack
from jiuye.engine.services.items import APPLICANTS, Item, LifeEvent, Question

LIFE_EVENTS = "life-events.yaml"
# A promise in writing and a yes say the same.
SAME_KIND = {"statement": "yes_no"}


def read_life_events(
    folder: Path, items: dict[str, Item], pack: Pack | None, problems: Problems
) -> dict[str, LifeEvent]:
    """The life events by their key. An event has to start something: an item, or a benefit that is paid.

    `pack` None: the names of policies are not checked.
    """
    path = folder / "services" / LIFE_EVENTS
    if not path.exists():
        return {}
    root = read_yaml(path, problems, base=folder)
    found: dict[str, LifeEvent] = {}
    if root is None:
        return found
    for key, place, node in root.mappings("人生事件", "life event"):
        event = _Reader(node, items, pack, problems).event(key)
        if not _starts_something(event, pack):
            problems.add(
                place,
                "event-starts-nothing",
                zh=f"“{key}”什么也办不成。请写上至少一个事项（items、optional）或一项发放资金的政策。",
                en=f"'{key}' starts nothing; name an item (items, optional) or a policy that pays.",
            )
        found[key] = event
    return found


def known_names(
    node: Mapping, key: str, known: Collection[str] | None, problems: Problems
) -> tuple[str, ...]:
    """A list of names, each of which must be known (None: not checked)."""
    found = node.texts(key)
    for scalar in found:
        if known is not None and scalar.text not in known:
            zh, en = did_you_mean(scalar.text, known)
            problems.add(
                scalar.place,
                "unknown-name",
                zh=f"没有名为“{scalar.text}”的{'政策' if key in ('policies', 'leads_to') else '事项'}。{zh}",
                en=f"there is no '{scalar.text}' among the {key}; {en}",
            )
    return tuple(scalar.text for scalar in found)


def _starts_something(event: LifeEvent, pack: Pack | None) -> bool:
    if event.all_items or pack is None:
        return True
    policies = (pack.policies.get(name) for name in event.policies)
    return any(policy is not None and policy.effect == "payment" for policy in policies)


class _Reader:
    """Takes one event out of the file."""

    def __init__(self, node: Mapping, items: dict[str, Item], pack: Pack | None, problems: Problems) -> None:
        self.node, self.items, self.problems = node, items, problems
        self.policies = set(pack.policies) if pack is not None else None
        self.fields: dict[str, Question] = {}

    def event(self, key: str) -> LifeEvent:
        node = self.node
        applicant = node.choice("for", APPLICANTS)
        items = self.of_applicant("items", applicant)
        optional = self.of_applicant("optional", applicant)
        self.fields = {
            f"{name}.{question.id}": question
            for name in (*items, *optional)
            for question in self.items[name].questions
        }
        shared = self.shared()
        self.ask_once(shared)
        event = LifeEvent(
            id=key,
            name=node.text("name", required=True),
            name_en=node.text("name_en", required=True),
            applicant=applicant,
            items=items,
            policies=known_names(node, "policies", self.policies, self.problems),
            optional=optional,
            says=self.says(),
            shared=shared,
        )
        node.finish()
        return event

    def of_applicant(self, key: str, applicant: str) -> tuple[str, ...]:
        """The items of a list that are there and for this kind of applicant."""
        found = known_names(self.node, key, self.items, self.problems)
        for scalar in self.node.texts(key):
            item = self.items.get(scalar.text)
            if item is not None and item.applicant != applicant:
                self.problems.add(
                    scalar.place,
                    "item-of-others",
                    zh=f"“{scalar.text}”由{APPLICANTS[item.applicant]}办理，这件事是{APPLICANTS.get(applicant, '别人')}的。",
                    en=f"'{scalar.text}' is for a {item.applicant}; this event is a {applicant}'s.",
                )
        return tuple(name for name in found if name in self.items and self.items[name].applicant == applicant)

    def field(self, name: str, place: Place) -> Question | None:
        if name not in self.fields:
            zh, en = did_you_mean(name, self.fields)
            self.problems.add(
                place,
                "unknown-field",
                zh=f"这件事的事项里没有“{name}”这一项（写成 事项.栏目）。{zh}",
                en=f"the items of this event have no field '{name}' (written as item.field); {en}",
            )
        return self.fields.get(name)

    def says(self) -> tuple[tuple[str, str], ...]:
        """What the event itself answers: a field and one of its values."""
        mapping = self.node.mapping("says")
        if mapping is None:
            return ()
        found = []
        for name, place, _ in mapping.items():
            value = mapping.text(name)
            question = self.field(name, place)
            possible = [row[0] for row in question.options] if question is not None else []
            if possible and value not in possible:
                zh, en = did_you_mean(value, possible)
                self.problems.add(
                    place,
                    "unknown-option",
                    zh=f"“{name}”没有“{value}”这个选项。{zh}",
                    en=f"'{name}' has no option '{value}'; {en}",
                )
            found.append((name, value))
        return tuple(found)

    def shared(self) -> tuple[tuple[str, ...], ...]:
        """Groups of fields that are one question."""
        groups = []
        rows: Sequence | None = self.node.sequence("shared")
        for row in rows or ():
            names = (
                [scalar for scalar in row if isinstance(scalar, Scalar)] if isinstance(row, Sequence) else []
            )
            if len(names) < 2:
                self.problems.add(
                    row.place,
                    "wrong-shape",
                    zh="shared 的每一行是两个以上的“事项.栏目”，例如 [甲.意愿, 乙.意愿]。",
                    en="each row of 'shared' is two or more of item.field, such as [a.wish, b.wish].",
                )
                continue
            asked = [(scalar, self.field(scalar.text, scalar.place)) for scalar in names]
            first = asked[0][1]
            for scalar, question in asked[1:]:
                if first is not None and question is not None and not _same(first, question):
                    self.problems.add(
                        scalar.place,
                        "not-the-same-question",
                        zh=f"“{scalar.text}”和“{names[0].text}”不是同一种回答，不能只问一次。",
                        en=f"'{scalar.text}' is not answered as '{names[0].text}' is; they cannot be one question.",
                    )
            groups.append(tuple(scalar.text for scalar in names))
        return tuple(groups)

    def ask_once(self, shared: tuple[tuple[str, ...], ...]) -> None:
        """Two fields that the same fact fills in are one question."""
        group_of = {name: index for index, group in enumerate(shared) for name in group}
        first: dict[str, str] = {}
        for name, question in self.fields.items():
            if not question.prefill:
                continue
            other = first.setdefault(question.prefill, name)
            if other != name and (name not in group_of or group_of[name] != group_of.get(other)):
                self.problems.add(
                    self.node.place,
                    "asked-twice",
                    zh=f"“{name}”和“{other}”问的是同一件事（{question.prefill}）。请写进 shared。",
                    en=f"'{name}' and '{other}' ask the same ({question.prefill}); put them into 'shared'.",
                )


def _same(one: Question, other: Question) -> bool:
    kinds = {SAME_KIND.get(row.kind, row.kind) for row in (one, other)}
    return len(kinds) == 1 and one.options == other.options
