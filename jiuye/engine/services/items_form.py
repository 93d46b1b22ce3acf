"""Reading the form of a service item: its fields, the bounds of their answers, and on which other answers they depend."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, field

from jiuye.engine.basis.documents import Mapping, Scalar, Sequence
from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.services.items import ANSWER_KINDS, Bound, Question
from jiuye.engine.services.reading import SourcedReader

BOUNDED = ("whole", "money")


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What the files may name; None: such names are not checked.

    `facts` are those that are recorded of each kind of applicant, `answers` those derived from them as well, by the name of
    their type; `household.` stands before a household's.
    """

    policies: Collection[str] | None = None
    statuses: Collection[str] | None = None
    facts: Mapping_[str, Collection[str]] | None = None
    answers: Mapping_[str, Mapping_[str, str]] | None = None
    parameters: Mapping_[str, str] = field(
        default_factory=dict
    )  # shared ones without an axis, by the name of their type
    things: Mapping_[str, Collection[str]] | None = None  # kinds of things by kind of applicant


class FormReader(SourcedReader):
    """Takes the fields of a form out of an item's file."""

    def __init__(self, problems: Problems, known: KnownNames) -> None:
        super().__init__(problems)
        self.known = known
        self.kind = ""  # of this item's applicant
        self.facts: Collection[str] | None = None  # of this item's applicant
        self.types: Mapping_[str, str] | None = None
        self.answers: dict[str, Question] = {}

    def applicant(self, kind: str) -> None:
        """From here on facts are those of this kind of applicant."""
        self.kind = kind
        if self.known.facts is not None and self.known.answers is not None:
            self.facts, self.types = self.known.facts.get(kind), self.known.answers.get(kind, {})

    def name(self, node: Mapping, key: str) -> str:
        """The name of a policy or status; it must be known where the reader was told what there is."""
        scalar = node.scalar(key)
        if scalar is None:
            return ""
        known = {"policy": self.known.policies, "status": self.known.statuses}[key]
        if known is not None and scalar.text not in known:
            zh, en = did_you_mean(scalar.text, known)
            self.problems.add(
                scalar.place,
                f"unknown-{key}",
                zh=f"没有名为“{scalar.text}”的 {key}。{zh}",
                en=f"there is no {key} '{scalar.text}'; {en}",
            )
        return scalar.text

    def fact_names(self, node: Mapping, key: str) -> tuple[str, ...]:
        """Names of the applicant's facts; they must be known where the reader was told which there are."""
        found = node.texts(key)
        for scalar in found:
            if self.facts is not None and scalar.text not in self.facts:
                zh, en = did_you_mean(scalar.text, self.facts)
                self.problems.add(
                    scalar.place,
                    "unknown-fact",
                    zh=f"申请方没有叫“{scalar.text}”的事实。{zh}",
                    en=f"the applicant has no fact '{scalar.text}'; {en}",
                )
        return tuple(scalar.text for scalar in found)

    def employer_types(self) -> Mapping_[str, str] | None:
        """The facts of employers by the name of their type."""
        return self.known.answers.get("employer") if self.known.answers is not None else None

    def any_fact(self, node: Mapping, key: str, of: str, types: Mapping_[str, str] | None) -> str:
        """The name of one fact, derived or not, of that type (empty: of any)."""
        scalar = node.scalar(key)
        if scalar is None:
            return ""
        self.check_fact_name(scalar, of, types)
        return scalar.text

    def check_fact_name(self, scalar: Scalar, of: str, types: Mapping_[str, str] | None) -> None:
        """Say where no such fact is known, or it is of another type."""
        if types is None:
            return
        if scalar.text not in types:
            zh, en = did_you_mean(scalar.text, types)
            self.problems.add(
                scalar.place,
                "unknown-fact",
                zh=f"没有叫“{scalar.text}”的事实。{zh}",
                en=f"there is no fact '{scalar.text}'; {en}",
            )
        elif of and types[scalar.text] != of:
            self.problems.add(
                scalar.place,
                "wrong-type",
                zh=f"“{scalar.text}”是 {types[scalar.text]}，这里要 {of}。",
                en=f"'{scalar.text}' is {types[scalar.text]}; here a {of} is needed.",
            )

    def bound(self, node: Mapping, key: str, kind: str) -> Bound | None:
        """`least: 12` with `source` or `basis` beside it, or the name of a fact or of a shared parameter, which has its own."""
        scalar = node.scalar(key)
        if scalar is None:
            return None
        if kind not in BOUNDED:
            self.problems.add(
                node.key_place(key),
                "bound-of-nothing",
                zh=f"{key} 只用在整数（whole）和金额（money）上。",
                en=f"'{key}' stands only with a whole number or money.",
            )
            return None
        text = scalar.text
        try:
            fen_from_yuan(text)
            named = False
        except ValueError:
            named = True
        if not named:
            return Bound(text, named, self.basis(node, "basis"), self.source(node))
        of = "money" if kind == "money" else "number"
        if self.types is not None and self.known.parameters.get(text) != of:
            self.check_fact_name(scalar, of, dict(self.types) | dict(self.known.parameters))
        return Bound(text, named)

    def questions(self, root: Mapping) -> tuple[Question, ...]:
        for node in self.rows(root, "form"):
            kind = node.choice("type", ANSWER_KINDS)
            options, shown_by = self.options(node, kind)
            question = Question(
                id=node.text("id", required=True),
                label=node.text("label", required=True),
                label_en=node.text("label_en", required=True),
                kind=kind,
                required=node.flag("required", default=True),
                options=options,
                prefill=next(iter(self.fact_names(node, "prefill")), ""),
                shown_by=shown_by,
                help=node.text("help"),
                help_en=node.text("help_en"),
                when=self.when(node),
                least=self.bound(node, "least", kind),
                most=self.bound(node, "most", kind),
                must=self.any_fact(node, "must", "boolean", self.employer_types()),
            )
            if question.must and kind != "employer":
                self.problems.add(
                    node.key_place("must"),
                    "must-of-nobody",
                    zh="must 只用在 type: employer 的一项上：它说那家单位必须怎样。",
                    en="'must' stands only with 'type: employer': it says what has to hold for that employer.",
                )
            node.finish()
            if question.id in self.answers:
                self.problems.add(
                    node.key_place("id"),
                    "duplicate-id",
                    zh=f"表单里已有“{question.id}”。请另起一个名字。",
                    en=f"the form has '{question.id}' already; give this field another name.",
                )
            self.answers[question.id] = question
        return tuple(self.answers.values())

    def options(
        self, node: Mapping, kind: str
    ) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str], ...]]:
        """What there is to choose from in both languages, and the facts by which an option is the applicant's (`known_by`)."""
        mapping = node.mapping("options", required=kind == "choice")
        if mapping is None:
            return (), ()
        found, shown_by = [], []
        for key, _, row in mapping.mappings("选项", "option"):
            found.append((key, row.text("zh", required=True), row.text("en", required=True)))
            if fact := self.any_fact(row, "known_by", "boolean", self.types):
                shown_by.append((key, fact))
        return tuple(found), tuple(shown_by)

    def when(self, node: Mapping) -> tuple[str, tuple[str, ...]] | None:
        """`when: {field: [values]}`: another answer of the form, and the values at which this row counts."""
        mapping = node.mapping("when")
        if mapping is None:
            return None
        for key, place, _ in mapping.items():
            values = tuple(scalar.text for scalar in mapping.texts(key))
            question = self.answers.get(key)
            if question is None:
                zh, en = did_you_mean(key, self.answers)
                self.problems.add(
                    place,
                    "unknown-field",
                    zh=f"表单前面没有“{key}”这一项。{zh}",
                    en=f"the form has no field '{key}' before this; {en}",
                )
            else:
                self.check_values(question, values, place)
            return key, values
        return None

    def check_values(self, question: Question, values: tuple[str, ...], place: Place) -> None:
        possible = [row[0] for row in question.options] or (
            ["yes", "no"] if question.kind == "yes_no" else list(values)
        )
        for value in values:
            if value not in possible:
                zh, en = did_you_mean(value, possible)
                self.problems.add(
                    place,
                    "unknown-option",
                    zh=f"“{question.id}”没有“{value}”这个选项。{zh}",
                    en=f"'{question.id}' has no option '{value}'; {en}",
                )

    def rows(self, node: Mapping, key: str, *, required: bool = False) -> list[Mapping]:
        """The mappings of a list; anything else in it is a mistake."""
        sequence: Sequence | None = node.sequence(key, required=required)
        found = []
        for row in sequence or ():
            if isinstance(row, Mapping):
                found.append(row)
            else:
                place = row.place if isinstance(row, Scalar | Sequence) else node.place
                self.problems.add(
                    place,
                    "wrong-shape",
                    zh=f"“{key}”的每一行应当是一组“键: 值”。",
                    en=f"each row of '{key}' should be a mapping of keys to values.",
                )
        return found
