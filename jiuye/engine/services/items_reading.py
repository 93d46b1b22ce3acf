"""Reading the service items of a pack: every file of `services/` but the procedures of claiming, and the life events."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Mapping_
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Scalar, Sequence, parse_yaml, read_text, read_yaml
from jiuye.engine.basis.problems import Place, Problems, did_you_mean, display_path
from jiuye.engine.rules.pack import Pack
from jiuye.engine.services.items import (
    ANSWER_KINDS,
    APPLICANTS,
    FOLLOWS,
    ITEM_ACTS,
    ITEM_LEVELS,
    Evidence,
    Follow,
    Item,
    LifeEvent,
    Milestone,
    Question,
    ServiceItems,
    version_of,
)
from jiuye.engine.services.reading import SourcedReader, Step

FOLDER, CLAIMS, LIFE_EVENTS = "services", "claims.yaml", "life-events.yaml"


def load_items(
    folder: Path,
    *,
    pack: Pack | None = None,
    statuses: Collection[str] | None = None,
    problems: Problems | None = None,
) -> tuple[ServiceItems, Problems]:
    """The items of the pack in `folder` without mistakes, and everything that is wrong with the others.

    Policies and facts are those of `pack`, statuses those of `statuses`; None: such names are not checked.
    """
    problems = problems if problems is not None else Problems()
    policies = set(pack.policies) if pack is not None else None
    facts = _facts_of_applicants(pack) if pack is not None else None
    known = {"policy": policies, "status": statuses}
    items: dict[str, Item] = {}
    places: dict[str, Place] = {}
    files = sorted(
        path for path in (folder / FOLDER).glob("*.yaml") if path.name not in (CLAIMS, LIFE_EVENTS)
    )
    for path in files:
        before = len(problems.errors)
        name = display_path(path, folder)
        text = read_text(path, name, problems)
        root = parse_yaml(text, name, problems) if text is not None else None
        if root is None or text is None:
            continue
        item = _ItemReader(problems, known, facts).item(root, text)
        place = root.entries["id"][1].place if "id" in root else root.place
        if item.id != path.stem:
            problems.add(
                place,
                "id-is-not-the-name",
                zh=f"id 是“{item.id}”，文件名是“{path.stem}”；两者应当相同。",
                en=f"the id is '{item.id}' and the file is called '{path.stem}'; they should be the same.",
            )
        if len(problems.errors) == before:
            items[item.id], places[item.id] = item, place
    _check_openings(items, places, problems)
    return ServiceItems(items, _life_events(folder, items, policies, problems)), problems


def _facts_of_applicants(pack: Pack) -> dict[str, set[str]]:
    """Recorded facts by kind of applicant, which a form or a paper may name; a derived one stands in no register."""
    entities = pack.vocabulary.entities
    return {
        kind: {name for name in entities[kind].facts if (kind, name) not in pack.derived}
        for kind in APPLICANTS
        if kind in entities
    }


def _check_openings(items: dict[str, Item], places: dict[str, Place], problems: Problems) -> None:
    """An item that is opened after another one has to be there."""
    for item in items.values():
        for follow in item.follows:
            if follow.item and follow.item not in items:
                zh, en = did_you_mean(follow.item, items)
                problems.add(
                    places[item.id],
                    "unknown-item",
                    zh=f"“{item.id}”办结后要接着办“{follow.item}”，没有这个事项。{zh}",
                    en=f"'{item.id}' opens '{follow.item}', which is no item; {en}",
                )


def _life_events(
    folder: Path, items: dict[str, Item], policies: Collection[str] | None, problems: Problems
) -> dict[str, LifeEvent]:
    path = folder / FOLDER / LIFE_EVENTS
    if not path.exists():
        return {}
    root = read_yaml(path, problems, base=folder)
    found: dict[str, LifeEvent] = {}
    if root is None:
        return found
    for key, _, node in root.mappings("人生事件", "life event"):
        found[key] = LifeEvent(
            id=key,
            name=node.text("name", required=True),
            name_en=node.text("name_en", required=True),
            applicant=node.choice("for", APPLICANTS),
            items=_known(node, "items", items, problems),
            policies=_known(node, "policies", policies, problems),
        )
        node.finish()
    return found


def _known(node: Mapping, key: str, known: Collection[str] | None, problems: Problems) -> tuple[str, ...]:
    """A list of names, each of which must be known (None: not checked)."""
    found = node.texts(key)
    for scalar in found:
        if known is not None and scalar.text not in known:
            zh, en = did_you_mean(scalar.text, known)
            problems.add(
                scalar.place,
                "unknown-name",
                zh=f"没有名为“{scalar.text}”的{'事项' if key == 'items' else '政策'}。{zh}",
                en=f"there is no '{scalar.text}' among the {key}; {en}",
            )
    return tuple(scalar.text for scalar in found)


class _ItemReader(SourcedReader):
    def __init__(
        self,
        problems: Problems,
        known: dict[str, Collection[str] | None],
        facts: Mapping_[str, Collection[str]] | None,
    ) -> None:
        super().__init__(problems)
        self.known = known
        self.facts_by_applicant = facts
        self.facts: Collection[str] | None = None
        self.answers: dict[str, Question] = {}

    def item(self, root: Mapping, text: str) -> Item:
        self.read_sources(root)
        applicant = root.choice("for", APPLICANTS)
        if self.facts_by_applicant is not None:
            self.facts = self.facts_by_applicant.get(applicant)
        questions = self.questions(root)
        steps = self.steps(root)
        publicity = self.publicity(root, steps)
        statutory = root.mapping("statutory")
        statutory_workdays: int | None = None
        if statutory is not None:
            statutory_workdays = self.workdays(statutory, "workdays")
            self.source(statutory, required=True)
            statutory.finish()
        item = Item(
            id=root.text("id", required=True),
            name=root.text("name", required=True),
            name_en=root.text("name_en", required=True),
            says=root.text("says", required=True),
            says_en=root.text("says_en", required=True),
            task=root.text("task"),
            applicant=applicant,
            policy=self.name(root, "policy"),
            promised_workdays=self.workdays(root, "promised_workdays"),
            statutory_workdays=statutory_workdays,
            publicity_workdays=publicity,
            questions=questions,
            evidence=self.evidence(root),
            steps=steps,
            follows=self.follows(root),
            sources=tuple(self.sources.values()),
            version=version_of(text),
        )
        self.basis(root, "promised_basis")
        self.source(root)
        self.check_promise(root, item)
        self.unused_sources(root)
        root.finish()
        return item

    def name(self, node: Mapping, key: str) -> str:
        """The name of a policy or status; it must be known where the reader was told what there is."""
        scalar = node.scalar(key)
        if scalar is None:
            return ""
        known = self.known.get(key)
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

    def questions(self, root: Mapping) -> tuple[Question, ...]:
        for node in self.rows(root, "form"):
            kind = node.choice("type", ANSWER_KINDS)
            question = Question(
                id=node.text("id", required=True),
                label=node.text("label", required=True),
                label_en=node.text("label_en", required=True),
                kind=kind,
                required=node.flag("required", default=True),
                options=self.options(node, kind),
                prefill=next(iter(self.fact_names(node, "prefill")), ""),
                help=node.text("help"),
                help_en=node.text("help_en"),
                when=self.when(node),
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

    def options(self, node: Mapping, kind: str) -> tuple[tuple[str, str, str], ...]:
        mapping = node.mapping("options", required=kind == "choice")
        if mapping is None:
            return ()
        found = [
            (key, row.text("zh", required=True), row.text("en", required=True))
            for key, _, row in mapping.mappings("选项", "option")
        ]
        return tuple(found)

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

    def evidence(self, root: Mapping) -> tuple[Evidence, ...]:
        found = []
        for node in self.rows(root, "evidence"):
            found.append(
                Evidence(
                    id=node.text("id", required=True),
                    name=node.text("name", required=True),
                    name_en=node.text("name_en", required=True),
                    known_by=self.fact_names(node, "known_by"),
                    required=node.flag("required", default=True),
                    when=self.when(node),
                )
            )
            node.finish()
        return tuple(found)

    def steps(self, root: Mapping) -> tuple[Step, ...]:
        found = [self.step(node, ITEM_ACTS, ITEM_LEVELS) for node in self.rows(root, "steps", required=True)]
        acts = [step.act for step in found if step.act]
        in_order = [act for act in ITEM_ACTS if act in acts]
        if "steps" in root and (acts != in_order or acts[:1] != ["accept"] or acts[-1:] != ["decide"]):
            self.problems.add(
                root.key_place("steps"),
                "steps-out-of-order",
                zh=f"环节应当从 accept 到 decide，依次取自 {'、'.join(ITEM_ACTS)}，每个至多一次；这里是 {'、'.join(acts) or '空的'}。",
                en=f"the steps should run from accept to decide, in the order {', '.join(ITEM_ACTS)}, each at most once; "
                f"here: {', '.join(acts) or 'none'}.",
            )
        return tuple(found)

    def publicity(self, root: Mapping, steps: tuple[Step, ...]) -> int:
        """Workdays of public notice: there exactly where the steps have a publicity."""
        publicised = any(step.act == "publicise" for step in steps)
        mapping = root.mapping("publicity", required=publicised)
        if mapping is None:
            return 0
        workdays = self.workdays(mapping, "workdays")
        self.basis(mapping, "basis")
        self.source(mapping)
        mapping.finish()
        if not publicised:
            self.problems.add(
                root.key_place("publicity"),
                "publicity-without-step",
                zh="写了公示天数，环节里却没有 publicise。请加上环节或删去公示。",
                en="there are days of public notice but no step 'publicise'; add the step or remove the notice.",
            )
        return workdays

    def follows(self, root: Mapping) -> tuple[Follow, ...]:
        found = []
        for node in self.rows(root, "follows"):
            do = node.choice("do", FOLLOWS)
            found.append(
                Follow(
                    do=do,
                    status=self.name(node, "status") if do in ("begin_status", "end_status") else "",
                    category=self.answer(node, "category"),
                    start=self.answer(node, "start", default="decided_on"),
                    employment=node.text("employment", required=do == "begin_employment"),
                    item=node.text("item", required=do == "open"),
                    months=(node.whole("months", required=True) or 0) if do == "review" else 0,
                    milestones=self.milestones(node) if do == "plan" else (),
                    when=self.when(node),
                )
            )
            node.finish()
        return tuple(found)

    def answer(self, node: Mapping, key: str, *, default: str = "") -> str:
        """The name of a field of the form, or the default."""
        scalar = node.scalar(key)
        if scalar is None or scalar.text == default:
            return default
        if scalar.text not in self.answers:
            zh, en = did_you_mean(scalar.text, self.answers)
            self.problems.add(
                scalar.place,
                "unknown-field",
                zh=f"表单里没有“{scalar.text}”这一项。{zh}",
                en=f"the form has no field '{scalar.text}'; {en}",
            )
        return scalar.text

    def milestones(self, node: Mapping) -> tuple[Milestone, ...]:
        found = []
        for row in self.rows(node, "milestones", required=True):
            times = row.whole("times", required=True) or 1
            found.append(
                Milestone(
                    id=row.text("id", required=True),
                    name=row.text("name", required=True),
                    name_en=row.text("name_en", required=True),
                    times=times,
                    within_days=row.whole("within_days"),
                )
            )
            self.source(row)
            row.finish()
        return tuple(found)

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

    def check_promise(self, root: Mapping, item: Item) -> None:
        """The steps fit into what is promised, and the promise into what the law allows."""
        needed = sum(step.workdays for step in item.steps) + item.publicity_workdays
        if "promised_workdays" in root and needed > item.promised_workdays:
            self.problems.add(
                root.key_place("promised_workdays"),
                "promise-too-short",
                zh=f"各环节和公示共需 {needed} 个工作日，多于承诺的 {item.promised_workdays} 个。请延长承诺或缩短环节。",
                en=f"the steps and the publicity need {needed} workdays, more than the {item.promised_workdays} promised; "
                "lengthen the promise or shorten a step.",
            )
        if item.statutory_workdays is not None and item.promised_workdays > item.statutory_workdays:
            self.problems.add(
                root.key_place("promised_workdays"),
                "promise-beyond-the-law",
                zh=f"承诺 {item.promised_workdays} 个工作日，长于法定的 {item.statutory_workdays} 个。",
                en=f"{item.promised_workdays} workdays are promised, more than the {item.statutory_workdays} that the law allows.",
            )
