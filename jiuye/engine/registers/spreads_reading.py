"""Reading `places/registers.yaml`: how the registers of a demonstration city are filled; the file explains itself at its head."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiuye.engine.basis.documents import Mapping as Node
from jiuye.engine.basis.documents import Scalar, Sequence, is_plain_number, read_yaml
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.registers.spreads import ATTRIBUTES, Case, Spread, Test, Things, plain
from jiuye.engine.rules.types import INTEGER
from jiuye.engine.rules.values import LARGEST, parse_value
from jiuye.engine.rules.vocabulary import Fact

DRAWS = ("yes", "shares", "from", "days_ago", "part_of", "value", "nothing")
NUMBER = Fact("", "number", INTEGER, "个数", "number")
Owners = Mapping[str, Mapping[str, str]]  # kind of thing → its relations → person or employer
Known = Mapping[tuple[str, str], Mapping[str, Fact]]  # (register, entity) → fact name in the register → fact


def load_spreads(
    path: Path,
    facts: Known,
    enums: dict[str, dict[str, str]],
    *,
    owners: Owners | None = None,
    problems: Problems | None = None,
    base: Path | None = None,
) -> tuple[tuple[Spread, ...], Problems]:
    """The spreads in `path`, and what is wrong with them. `facts` are those that the pack binds to registers.

    `owners` says of each kind of thing to whom its relations lead: {"labour_brand": {"applicant": "employer"}}.
    A fact that is bound to a register and has no spread is unknown for a whole demonstration city: a warning says so.
    """
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return (), problems
    missing = root.whole("missing_per_1000", required=True) or 0
    found = []
    things = _read_things(root, owners or {}, facts, enums, problems)
    registers = root.mapping("registers", required=True)
    for register, place, node in (
        registers.mappings("登记簿", "the register") if registers is not None else ()
    ):
        if not _known(register, {key for key, _ in facts}, place, "登记簿", "register", problems):
            continue
        for entity, entity_place, inner in node.mappings("对象", "the subject"):
            known = {name for key, name in facts if key == register}
            if not _known(entity, known, entity_place, "对象", "subject", problems):
                continue
            if entity not in ATTRIBUTES and entity not in things:
                _no_things(entity, entity_place, problems)
                continue
            reader = _Reader(register, facts[register, entity], enums, problems, things.get(entity))
            found.append(reader.spread(entity, inner, missing))
    root.finish()
    written = {(spread.register, spread.entity, name) for spread in found for name in spread.facts}
    for (register, entity), names in sorted(facts.items()):
        for name, fact in names.items():
            if (register, entity, name) not in written:
                problems.add(
                    fact.place,
                    "no-spread",
                    zh=f"演示城市没有写“{register}”登记簿里的“{name}”怎样分布，全城都会是未知。请在 places/registers.yaml 里补上。",
                    en=f"the demonstration city does not say how '{name}' of the register '{register}' is spread, so that it is "
                    "unknown for everyone; add it to places/registers.yaml.",
                    warning=True,
                )
    return tuple(found), problems


def _known(word: str, known: Collection[str], place: Place, zh: str, en: str, problems: Problems) -> bool:
    if word in known:
        return True
    hint, hint_en = did_you_mean(word, known)
    problems.add(
        place,
        "unknown-name",
        zh=f"没有事实绑定到{zh}“{word}”。{hint}",
        en=f"no fact is bound to the {en} '{word}'; {hint_en}",
    )
    return False


def _read_things(
    root: Node, owners: Owners, facts: Known, enums: dict[str, dict[str, str]], problems: Problems
) -> dict[str, Things]:
    """`things:`, by kind. A kind whose owner cannot be read is left out, its mistake recorded."""
    found = {}
    listed = root.mapping("things")
    for entity, place, node in listed.mappings("登记事项", "the kind of thing") if listed is not None else ():
        registers = sorted(register for register, about in facts if about == entity)
        register = node.scalar("register", required=True)
        owner = node.scalar("owner", required=True)
        sound = _known(entity, owners, place, "登记事项", "kind of thing", problems)
        if sound and register is not None:
            sound = _known(register.text, registers, register.place, "登记簿", "register", problems)
        if sound and owner is not None:
            sound = _known(owner.text, owners[entity], owner.place, "所属关系", "owner", problems)
        if not sound or register is None or owner is None:
            node.asked.update(node.keys())  # one mistake is said once
            continue
        about = owners[entity][owner.text]
        reader = _Reader(register.text, {}, enums, problems)
        number = node.entries.get("number")
        node.asked.add("number")
        names = node.texts("names")
        found[entity] = Things(
            entity,
            register.text,
            owner.text,
            about,
            reader.tests(node.mapping("of"), ATTRIBUTES[about]),
            reader.cases(number[1], place, NUMBER, ATTRIBUTES[about]) if number is not None else (),
            tuple(name.text for name in names) or ("",),
            node.text("key", required=True),
        )
        if number is None or "{number}" not in found[entity].key:
            reader.wrong(
                place,
                "请写 number（每个所属者有几个），并在 key 里写 {number}",
                "write `number` (how many each owner has), and {number} in `key`",
            )
            del found[entity]
        node.finish()
    return found


def _no_things(entity: str, place: Place, problems: Problems) -> None:
    problems.add(
        place,
        "wrong-spread",
        zh=f"没有写演示城市里有哪些“{entity}”。请在 things 下写明属于谁、每个所属者有几个。",
        en=f"nothing says which '{entity}' there are in the demonstration city; write under `things` whose they are and how many.",
    )


@dataclass(slots=True)
class _Reader:
    """Reads the spreads of one register about one kind of subject."""

    register: str
    facts: Mapping[str, Fact]
    enums: dict[str, dict[str, str]]
    problems: Problems
    things: Things | None = None

    def spread(self, entity: str, node: Node, missing: int) -> Spread:
        about = ATTRIBUTES[self.things.about if self.things is not None else entity]
        of = self.tests(node.mapping("of"), about)
        own = node.whole("missing_per_1000")
        missing = missing if own is None else own
        cases: dict[str, tuple[Case, ...]] = {}
        listed = node.mapping("facts", required=True)
        for name, place, value in listed.items() if listed is not None else ():
            if _known(name, self.facts, place, "事实", "fact", self.problems):
                # A case may ask for what was drawn before it.
                cases[name] = self.cases(value, place, self.facts[name], (*about, *cases))
        node.finish()
        return Spread(self.register, entity, of, missing, cases, self.things)

    def cases(self, node: Any, place: Place, fact: Fact, known: Collection[str]) -> tuple[Case, ...]:
        items = list(node) if isinstance(node, Sequence) else [node]
        found = []
        for item in items:
            if not isinstance(item, Node):
                self.wrong(
                    place, "每种情形应当是一组“键: 值”", "each case should be a mapping of keys to values"
                )
                continue
            found.append(self.case(item, fact, known))
            item.finish()
        if found and found[-1].when:
            self.wrong(
                place,
                "最后一种情形不能带 when，以免有人没有值",
                "the last case takes no `when`, so that everyone has a value",
            )
        if any(not case.when for case in found[:-1]):
            self.wrong(place, "没有 when 的情形后面不能再有情形", "no case can follow one without `when`")
        return tuple(found)

    def case(self, node: Node, fact: Fact, known: Collection[str]) -> Case:
        when = self.tests(node.mapping("when"), known)
        how = [key for key in DRAWS if key in node]
        empty = Case(when, values=(None,), weights=(1,))
        if len(how) != 1:
            self.wrong(node.place, f"请在 {'、'.join(DRAWS)} 中写一种", f"write one of {', '.join(DRAWS)}")
            node.asked.update(node.keys())  # one mistake is said once
            return empty
        kind = fact.type.kind
        numbers = ("money", "number")
        fitting = {"yes": ("boolean",), "from": numbers, "part_of": numbers, "days_ago": ("date",)}
        if kind not in fitting.get(how[0], (kind,)):
            self.wrong(
                node.key_place(how[0]),
                f"“{fact.label}”是{fact.type.zh}，不能用 {how[0]}",
                f"'{fact.name}' is {fact.type.en} and takes no `{how[0]}`",
            )
            node.asked.update(node.keys())  # one mistake is said once
            return empty
        if how[0] == "nothing":
            node.flag("nothing")
            return empty
        if how[0] == "part_of":
            return self.part(node, when, known)
        return self.draw(node, how[0], when, fact)

    def part(self, node: Node, when: tuple[Test, ...], known: Collection[str]) -> Case:
        """`{part_of: staff, percent: [90, 110]}`: whole numbers, of what the city knows or what was drawn before."""
        name = node.scalar("part_of", required=True)
        percent = self.two(node, "percent")
        if name is not None and name.text not in known:
            hint, hint_en = did_you_mean(name.text, known)
            self.wrong(
                name.place,
                f"演示城市不知道“{name.text}”。{hint}",
                f"nothing is known of '{name.text}'; {hint_en}",
            )
        return Case(when, part_of=name.text if name is not None else "", percent=percent)

    def two(self, node: Node, key: str) -> tuple[int, int]:
        """Two whole numbers, the smaller first."""
        numbers = [int(item.text) for item in node.texts(key, required=True) if item.text.isdigit()]
        if len(numbers) == 2 and numbers[0] <= numbers[1]:
            return numbers[0], numbers[1]
        self.wrong(
            node.place, f"{key} 写两个整数，先小后大", f"`{key}` takes two whole numbers, the smaller first"
        )
        return 0, 0

    def draw(self, node: Node, how: str, when: tuple[Test, ...], fact: Fact) -> Case:
        if how == "yes":
            return Case(when, yes_per_100000=self.percent(node.scalar("yes", required=True)))
        if how == "from":
            low, high = node.whole("from", required=True) or 0, node.whole("to", required=True) or 0
            step = node.whole("step") if "step" in node else 1
            if high < low or not step or step < 0:
                self.wrong(
                    node.place,
                    "to 不能小于 from，step 要大于 0",
                    "`to` is not below `from`, and `step` above 0",
                )
                low, high, step = 0, 0, 1
            return Case(when, low=low, high=high, step=step)
        if how == "days_ago":
            return Case(when, days_ago=self.two(node, "days_ago"))
        if how == "value":
            return Case(when, values=(self.value(node.scalar("value", required=True), fact),), weights=(1,))
        shares = node.mapping("shares", required=True)
        pairs = []
        for key, place, weight in shares.items() if shares is not None else ():
            share = int(weight.text) if isinstance(weight, Scalar) and weight.text.isdigit() else 0
            if share <= 0:
                self.wrong(place, "份额是大于 0 的整数", "a share is a whole number above 0")
            pairs.append((self.value(Scalar(key, place, False), fact), max(1, share)))
        return Case(
            when,
            values=tuple(value for value, _ in pairs) or (None,),
            weights=tuple(share for _, share in pairs) or (1,),
        )

    def value(self, scalar: Scalar | None, fact: Fact) -> Any:
        """The value as a register delivers it (see `plain`), or None with a problem recorded."""
        if scalar is None:
            return None
        try:
            parse_value(scalar.text, fact.type, self.enums)
        except ValueError:
            self.wrong(
                scalar.place, f"“{scalar.text}”不是{fact.type.zh}", f"'{scalar.text}' is not {fact.type.en}"
            )
            return None
        return plain(scalar.text, fact)

    def percent(self, scalar: Scalar | None) -> int:
        """`12` or `0.5`, in a hundred, as a share of 100,000."""
        if scalar is None:
            return 0
        if is_plain_number(scalar.text) and 0 <= Decimal(scalar.text) <= 100:
            return int(Decimal(scalar.text) * 1000)
        self.wrong(scalar.place, "百分比在 0 与 100 之间", "a percentage lies between 0 and 100")
        return 0

    def tests(self, node: Node | None, known: Collection[str]) -> tuple[Test, ...]:
        """`{kind: [enterprise], age: {from: 0, to: 5}}` as tests."""
        found: list[Test] = []
        for name, place, wanted in node.items() if node is not None else ():
            if name not in known:
                hint, hint_en = did_you_mean(name, known)
                self.wrong(
                    place,
                    f"演示城市不知道对象的“{name}”。{hint}",
                    f"nothing is known of a subject's '{name}'; {hint_en}",
                )
                found.append((name, frozenset()))
            elif isinstance(wanted, Node):
                low = wanted.whole("from") if "from" in wanted else None
                high = wanted.whole("to") if "to" in wanted else None
                wanted.finish()
                found.append((name, (-LARGEST if low is None else low, LARGEST if high is None else high)))
            else:
                texts = [wanted] if isinstance(wanted, Scalar) else list(wanted)
                found.append(
                    (name, frozenset(item.text.lower() for item in texts if isinstance(item, Scalar)))
                )
        return tuple(found)

    def wrong(self, place: Place, zh: str, en: str) -> None:
        self.problems.add(place, "wrong-spread", zh=f"{zh}。" if zh[-1] not in "。？" else zh, en=f"{en}.")
