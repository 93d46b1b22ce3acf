"""The pack's `startup-loans.yaml`: which policies decide a guaranteed loan, which funds stand behind it, and its numbers."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, read_yaml
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.services.items import Item

FILE_NAME = "startup-loans.yaml"
NUMBERS = ("guarantee_multiple", "days_a_year", "late_after_days", "compensation_after_days", "due_soon_days")
BASES = ("design", "document")


@dataclass(frozen=True, slots=True)
class LoanKind:
    """One kind of loan: the service item by which it is asked for, the policy that says who may borrow, and the one that says how much
    interest is paid."""

    id: str
    policy: str
    interest: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """How guaranteed loans are run. Days are calendar days; the multiple is whole."""

    kinds: dict[str, LoanKind] = field(default_factory=dict)
    guarantee_fund: str = ""
    compensation_funds: tuple[str, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def guarantee_multiple(self) -> int:
        return self.numbers["guarantee_multiple"]

    @property
    def days_a_year(self) -> int:
        return self.numbers["days_a_year"]

    @property
    def late_after_days(self) -> int:
        return self.numbers["late_after_days"]

    @property
    def due_soon_days(self) -> int:
        return self.numbers["due_soon_days"]

    @property
    def compensation_after_days(self) -> int:
        return self.numbers["compensation_after_days"]


def load_loan_terms(
    path: Path,
    *,
    policies: Collection[str] = (),
    funds: Collection[str] = (),
    carried: Collection[str] | None = None,
    items: Names[str, Item] | None = None,
    base: Path | None = None,
    problems: Problems | None = None,
) -> tuple[LoanTerms, Problems]:
    """The file as data, and everything that is wrong with it; names are held to `policies` and `funds` where given.

    `carried`: the policies whose own file says that a loan carries them; interest that is not among them would have two doors.
    `items`: the service items. Each that says a loan carries it is asked for as one kind of loan, under the same policy; one that is
    none would promise a loan that nobody acts on.
    """
    problems = Problems() if problems is None else problems
    root = read_yaml(path, problems, base=base)
    if root is None:
        return LoanTerms(), problems
    kinds: dict[str, LoanKind] = {}
    for node in root.sequence("kinds", required=True) or ():
        if isinstance(node, Mapping):
            kind = LoanKind(
                node.text("id", required=True),
                node.text("policy", required=True),
                node.text("interest", required=True),
                node.text("item", required=True),
            )
            for name in (kind.policy, kind.interest):
                _known(name, policies, "政策", "policy", node, problems)
            if carried is not None and kind.interest and kind.interest not in carried:
                problems.add(
                    node.key_place("interest"),
                    "paid-twice",
                    zh=f"“{kind.interest}”随贷款发放，请在 services/subsidies/{kind.interest}.yaml 里写 carried_by: loan，否则会另开办件再付一次。",
                    en=f"'{kind.interest}' is paid with the loan; write 'carried_by: loan' in services/subsidies/{kind.interest}.yaml, or a case would pay it again.",
                )
            if items is not None:
                _asked_by(kind, items, node, problems)
            node.finish()
            kinds[kind.id] = kind
    for item in items.values() if items is not None else ():
        if item.carried_by == "loan" and item.id not in {kind.item for kind in kinds.values()}:
            problems.add(
                root.place,
                "loan-of-no-kind",
                zh=f"事项“{item.id}”写了 carried_by: loan，这里却没有哪一种贷款（kinds 的 item）由它申请：办了也不会有贷款。",
                en=f"item '{item.id}' says 'carried_by: loan', and no kind here names it as its 'item': it would lead to no loan.",
            )
    guarantee = root.text("guarantee_fund", required=True)
    compensating = tuple(scalar.text for scalar in root.texts("compensation_funds", required=True))
    for name in (guarantee, *compensating):
        _known(name, funds, "资金", "fund", root, problems)
    numbers, notes = _numbers(root, problems)
    root.finish()
    return LoanTerms(kinds, guarantee, compensating, numbers, notes), problems


def _asked_by(kind: LoanKind, items: Names[str, Item], node: Mapping, problems: Problems) -> None:
    """The item of a kind is there, is carried by the loan, and rests on the same policy."""
    item = items.get(kind.item)
    if item is None:
        _known(kind.item, items, "事项", "service item", node, problems)
    elif item.carried_by != "loan" or item.policy != kind.policy:
        problems.add(
            node.key_place("item"),
            "item-of-another-carrier",
            zh=f"事项“{item.id}”要写 carried_by: loan 和 policy: {kind.policy}；现在写的是 {item.carried_by} 和“{item.policy or '—'}”。",
            en=f"item '{item.id}' should say 'carried_by: loan' and 'policy: {kind.policy}'; it says {item.carried_by} and '{item.policy or '-'}'.",
        )


def _numbers(root: Mapping, problems: Problems) -> tuple[dict[str, int], dict[str, str]]:
    numbers: dict[str, int] = {}
    notes: dict[str, str] = {}
    for node in root.sequence("numbers", required=True) or ():
        if not isinstance(node, Mapping):
            continue
        name, text = node.text("id", required=True), node.text("value", required=True)
        basis, source = node.text("basis", required=True), node.text("source")
        notes[name] = source or node.text("note")
        node.text("note")
        if name not in NUMBERS or not text.isdecimal() or int(text) < 1:
            problems.add(
                node.place,
                "bad-number",
                zh=f"“{name}: {text}”不能用；名称是 {'、'.join(NUMBERS)} 之一，值是大于零的整数。",
                en=f"'{name}: {text}' will not do; it is one of {', '.join(NUMBERS)}, a whole number above zero.",
            )
        elif basis not in BASES or (basis == "document") != bool(source):
            problems.add(
                node.place,
                "no-source",
                zh="basis 写 design，或写 document 并写明 source。",
                en="basis is design, or document with its source.",
            )
        else:
            numbers[name] = int(text)
        node.finish()
    for missing in (name for name in NUMBERS if name not in numbers):
        problems.add(root.place, "missing-number", zh=f"缺少“{missing}”。", en=f"'{missing}' is missing.")
    return numbers, notes


def _known(name: str, known: Collection[str], zh: str, en: str, node: Mapping, problems: Problems) -> None:
    if known and name and name not in known:
        near_zh, near_en = did_you_mean(name, known)
        problems.add(
            node.place,
            "unknown-name",
            zh=f"没有{zh}“{name}”。{near_zh}",
            en=f"there is no {en} '{name}'; {near_en}",
        )
