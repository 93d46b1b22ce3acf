"""Reading the service items of a pack: every file of `services/` but the procedures of claiming, and the life events."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, parse_yaml, read_text
from jiuye.engine.basis.problems import Place, Problems, did_you_mean, display_path
from jiuye.engine.rules.pack import Pack
from jiuye.engine.services.items import (
    ABOUT,
    APPLICANTS,
    CARRIERS,
    ITEM_ACTS,
    ITEM_LEVELS,
    Evidence,
    Ground,
    Item,
    Question,
    ServiceItems,
    version_of,
)
from jiuye.engine.services.items_follows import FollowReader
from jiuye.engine.services.items_form import KnownNames
from jiuye.engine.services.life_events import LIFE_EVENTS, known_names, read_life_events
from jiuye.engine.services.reading import Step
from jiuye.engine.services.subsidies import fact_paths

FOLDER, CLAIMS = "services", "claims.yaml"


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
    known = _known_names(pack, policies, statuses)
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
        item = _ItemReader(problems, known).item(root, text, pack)
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
    return ServiceItems(items, read_life_events(folder, items, pack, problems)), problems


def _known_names(
    pack: Pack | None, policies: Collection[str] | None, statuses: Collection[str] | None
) -> KnownNames:
    """What items may name in this pack; nothing is checked where there is none."""
    if pack is None:
        return KnownNames(policies, statuses)
    entities = pack.vocabulary.entities
    types = {
        kind: {name: fact.type.kind for name, fact in entities[kind].facts.items()}
        for kind in (*APPLICANTS, "household")
        if kind in entities
    }
    of_household = {f"household.{name}": of for name, of in types.pop("household", {}).items()}
    types["person"] = types.get("person", {}) | of_household
    parameters = {name: row.type.kind for name, row in pack.parameters.items() if not row.axes}
    return KnownNames(policies, statuses, _facts_of_applicants(pack), types, parameters, _things(pack))


def _things(pack: Pack) -> dict[str, set[str]]:
    """By kind of applicant the pack's own kinds of things: entities that belong to one and that the applicants' own relations do not list."""
    entities = pack.vocabulary.entities
    return {
        kind: {
            name
            for name, entity in entities.items()
            if name not in (*APPLICANTS, "household")
            and any(not row.many and row.to == kind for row in entity.relations.values())
        }
        for kind in APPLICANTS
    }


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


class _ItemReader(FollowReader):
    def item(self, root: Mapping, text: str, pack: Pack | None) -> Item:
        self.read_sources(root)
        carried_by = self.carrier(root)
        applicant = root.choice("for", APPLICANTS)
        self.applicant(applicant)
        about = self.about(root, applicant)
        questions = self.questions(root)
        steps = self.steps(root, carried_by)
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
            policy=(policy := self.name(root, "policy")),
            promised_workdays=self.workdays(root, "promised_workdays"),
            statutory_workdays=statutory_workdays,
            publicity_workdays=publicity,
            questions=questions,
            evidence=self.evidence(root, pack, policy if carried_by == "loan" else ""),
            steps=steps,
            follows=self.follows(root, about),
            sources=tuple(self.sources.values()),
            version=version_of(text),
            about=about,
            grounds=self.grounds(root),
            leads_to=known_names(root, "leads_to", self.known.policies, self.problems),
            carried_by=carried_by,
            told_apart_by=self.told_apart_by(root, questions, about),
        )
        self.basis(root, "promised_basis")
        self.source(root)
        self.check_promise(root, item)
        self.check_refusal(root, item)
        self.unused_sources(root)
        root.finish()
        return item

    def about(self, root: Mapping, applicant: str) -> str:
        """Whose matter it is: the applicant's, or the household's of a resident."""
        about = root.choice("about", ABOUT) if "about" in root else "applicant"
        if about == "household" and applicant != "person":
            self.problems.add(
                root.key_place("about"),
                "household-of-nobody",
                zh="about: household 只用于居民办理的事项（for: person）。",
                en="'about: household' stands only in an item 'for: person'.",
            )
        return about

    def told_apart_by(self, root: Mapping, questions: tuple[Question, ...], about: str) -> str:
        """The field that tells open matters of one applicant apart: always asked and answered, since two without it would be the same."""
        name = root.text("told_apart_by")
        if not name:
            return ""
        question = next((row for row in questions if row.id == name), None)
        if question is None:
            zh, en = did_you_mean(name, [row.id for row in questions])
            self.problems.add(
                root.key_place("told_apart_by"),
                "unknown-field",
                zh=f"told_apart_by 写的“{name}”不是表单的一项。{zh}",
                en=f"'told_apart_by' names '{name}', which is no field of the form; {en}",
            )
        elif not question.required or question.when is not None or question.filled_by or about != "applicant":
            self.problems.add(
                root.key_place("told_apart_by"),
                "telling-field-may-be-empty",
                zh=f"“{name}”用来区分同一申请方同时在办的几件，必须每次都由申请方填（不写 required: false、when 和 prefill），而且不能是一家只办一件的事项。",
                en=f"'{name}' tells open matters of one applicant apart, so that it is always asked, required and never prefilled, and the item is not about a household.",
            )
        return name if question is not None else ""

    def carrier(self, root: Mapping) -> str:
        """What carries the item. Of one that a loan carries nobody fills in a form of its own, and nothing follows from it."""
        carried_by = root.choice("carried_by", CARRIERS, default="matter")
        for key in ("form", "follows", "publicity") if carried_by == "loan" else ():
            if key in root:
                self.problems.add(
                    root.key_place(key),
                    "done-by-nobody",
                    zh=f"这个事项由贷款承办（carried_by: loan），这里写的 {key} 没有人会办。请删去。",
                    en=f"a loan carries this item ('carried_by: loan') and nobody would act on '{key}'; remove it.",
                )
        if carried_by == "loan" and "policy" not in root:
            self.problems.add(
                root.place,
                "loan-without-policy",
                zh="由贷款承办的事项要写明 policy：谁可以借、可以借多少，由它决定。",
                en="an item that a loan carries names its 'policy', which says who may borrow how much.",
            )
        return carried_by

    def evidence(self, root: Mapping, pack: Pack | None, of_policy: str) -> tuple[Evidence, ...]:
        """The papers. `known_by` names facts of the applicant; of an item that a loan carries, those of its policy's subject."""
        policy = pack.policies.get(of_policy) if pack is not None and of_policy else None
        found = []
        for node in self.rows(root, "evidence"):
            found.append(
                Evidence(
                    id=node.text("id", required=True),
                    name=node.text("name", required=True),
                    name_en=node.text("name_en", required=True),
                    known_by=fact_paths(
                        node,
                        "known_by",
                        pack=pack,
                        entity=policy.entity if policy is not None else "",
                        problems=self.problems,
                    )
                    if of_policy
                    else self.fact_names(node, "known_by"),
                    required=node.flag("required", default=True),
                    when=self.when(node),
                )
            )
            node.finish()
            if found[-1].id in (*self.answers, *(row.id for row in found[:-1])):
                # Sent back to be put right, a field and a paper of one name could not be told apart.
                self.problems.add(
                    node.key_place("id"),
                    "duplicate-id",
                    zh=f"表单或材料里已有“{found[-1].id}”，退回补正时分不清是哪一项。请另起一个名字。",
                    en=f"the form or the evidence has '{found[-1].id}' already, and a request to put it right could not say which; give this one another name.",
                )
        return tuple(found)

    def grounds(self, root: Mapping) -> tuple[Ground, ...]:
        """The clauses of the item itself: each with the words of a source, none without."""
        found: dict[str, Ground] = {}
        for node in self.rows(root, "clauses"):
            ground = Ground(
                id=node.text("id", required=True),
                says=node.text("says", required=True),
                says_en=node.text("says_en", required=True),
                law=node.text("law", required=True),
                source=self.source(node, required=True),
            )
            node.finish()
            if ground.id in found:
                self.problems.add(
                    node.key_place("id"),
                    "duplicate-id",
                    zh=f"已有条款“{ground.id}”。请另起一个名字。",
                    en=f"there is a clause '{ground.id}' already; give this one another name.",
                )
            found[ground.id] = ground
        return tuple(found.values())

    def steps(self, root: Mapping, carried_by: str) -> tuple[Step, ...]:
        found = [self.step(node, ITEM_ACTS, ITEM_LEVELS) for node in self.rows(root, "steps", required=True)]
        acts = [step.act for step in found if step.act]
        in_order = [act for act in ITEM_ACTS if act in acts]
        if "steps" in root and carried_by == "loan":
            # An application for a loan goes straight to whoever decides on the guarantee.
            if acts != ["decide"]:
                self.problems.add(
                    root.key_place("steps"),
                    "done-by-nobody",
                    zh=f"这个事项由贷款承办（carried_by: loan），申请直接到担保审核，只有 decide 一个环节；这里是 {'、'.join(acts) or '空的'}，其余的没有人会办。",
                    en="a loan carries this item ('carried_by: loan'): the application goes straight to whoever decides on the guarantee, "
                    f"so that its only step is decide; here: {', '.join(acts) or 'none'}.",
                )
        elif "steps" in root and (acts != in_order or acts[:1] != ["accept"] or acts[-1:] != ["decide"]):
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

    def check_refusal(self, root: Mapping, item: Item) -> None:
        """Whoever refuses names a condition and quotes its law: a policy's, or one of the item's own clauses."""
        if not item.policy and not item.grounds:
            self.problems.add(
                root.place,
                "refusal-without-law",
                zh="没有政策（policy），也没有条款（clauses）：不予办理时没有可以指明的条件和法规原文。请写 policy，或者 clauses（id、says、says_en、law、source）。",
                en="there is neither a 'policy' nor 'clauses', so that a refusal could name no condition and quote no law; "
                "write one of them (a clause has id, says, says_en, law and source).",
            )

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
