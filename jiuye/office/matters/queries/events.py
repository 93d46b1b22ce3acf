"""One form for a life event (就业一件事): what it calls for, what the city knows already, each question once, what was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import get_language, gettext

from jiuye.engine.rules.policies import Policy
from jiuye.engine.services import Item, LifeEvent
from jiuye.engine.services.items import Evidence, Question
from jiuye.office.casework.models import Case
from jiuye.office.casework.states import LIVE_STATES
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.matters.content import service_items
from jiuye.office.matters.forms import Known, answers_of, known_answer, known_for
from jiuye.office.matters.limits import NO_LIMITS, Limits, limits_for
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries.lists import own_matters
from jiuye.office.matters.queries.menu import KIND_OF_ACCOUNT
from jiuye.office.matters.states import UNDER_WAY
from jiuye.office.registry.models import Birth, EmploymentSpell, Status
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

MOST_FOUND = 50  # benefits in one form; a large employer confirms the others where all of them are listed


@dataclass(frozen=True, slots=True)
class EventQuestion:
    """One question, for one item or for several (`serves`), with what is known of it and by whom."""

    name: str
    question: Question
    text: str
    known: Known | None
    limits: Limits
    serves: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class EventItem:
    """One item of the event: whether it is ticked, whether there is nothing to ask for, its questions of its own, the papers that no register spares."""

    item: Item
    verdict: str
    held: bool  # what it gives is on record already, whoever put it there
    ticked: bool
    under_way: Matter | None
    done: Matter | None
    draft: Matter | None
    questions: tuple[EventQuestion, ...]
    papers: tuple[Evidence, ...]
    spared: tuple[tuple[Evidence, str], ...]  # with the registers that prove it


@dataclass(frozen=True, slots=True)
class EventBenefit:
    """Something that was found and is paid: confirmed with the same sending unless it is ticked off."""

    entitlement: Entitlement
    policy: Policy
    who: str  # whom it is counted by, where that is somebody else than who draws it
    ticked: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """The whole form. `shared` are the questions for several items, `named` what may be drawn and is not confirmed here, `carried` the
    items that are asked for as a loan, with what was found of each."""

    event: LifeEvent
    items: tuple[EventItem, ...]
    carried: tuple[tuple[Item, str], ...]
    shared: tuple[EventQuestion, ...]
    benefits: tuple[EventBenefit, ...]
    named: tuple[tuple[Policy, str], ...]  # with the verdict; empty: nothing was decided

    @property
    def to_send(self) -> bool:
        """Whether there is anything that this form could still begin."""
        return bool(self.benefits) or any(row.under_way is None for row in self.items)


@dataclass(frozen=True, slots=True)
class Given:
    """What was filled in so far: answers by `item.field`, and which items and benefits are ticked."""

    answers: Mapping[str, str]
    items: Collection[str]
    benefits: Collection[int]


def event_form(actor: Actor, event_id: str, *, given: Given | None = None, on: date) -> EventView | None:
    """The form of an event for this account; None where there is no such event for this kind of account.

    Without `given` it stands as the city fills it in: from the registers, from drafts that were kept, from what the event itself says.
    """
    kind, key = KIND_OF_ACCOUNT[actor.kind], int(actor.subject_key)
    found = service_items()
    event = found.life_events.get(event_id)
    if event is None or event.applicant != kind:
        return None
    called_for = [found.items[name] for name in event.all_items]
    decided = _decided(event, called_for, kind, key, on)
    items = [item for item in called_for if item.carried_by == "matter"]
    carried = [item for item in called_for if item not in items]
    verdicts = {row.policy_id: row.verdict for row in decided if row.subject_kind == kind}
    matters: dict[str, Matter] = {}
    for matter in own_matters(actor).filter(item_id__in=event.all_items).exclude(state="withdrawn"):
        # Of an item that is done for one after another, only a draft is gone on with.
        if matter.state == "draft" or not found.items[matter.item_id].told_apart_by:
            matters.setdefault(matter.item_id, matter)
    held = _held(items, kind, key, on)
    ticked = {
        item.id
        for item in items
        if _stands(matters.get(item.id)) is None
        and (
            item.id in given.items
            if given
            else item.id not in held and _begins(event, item, verdicts, matters.get(item.id))
        )
    }
    known = known_for(items, applicant_kind=kind, applicant_id=key, on=on)
    asked = _Asking(event, items, known, matters, given, limits_for(items, kind, key, on))
    serving = asked.serving(ticked)
    rows = []
    for item in items:
        matter = matters.get(item.id)
        answers = asked.answers_for(item)
        own = [name for name, served in serving.items() if len(served) == 1 and served[0] is item]
        needed = item.needed(answers) if item.id in ticked else []
        spared = [row for row in needed if row.known_by and all(fact in known for fact in row.known_by)]
        rows.append(
            EventItem(
                item=item,
                verdict=verdicts.get(item.policy, "") if item.policy else "",
                held=item.id in held,
                ticked=item.id in ticked,
                under_way=matter if matter is not None and matter.state in UNDER_WAY else None,
                done=matter if matter is not None and matter.state == "granted" else None,
                draft=matter if matter is not None and matter.state == "draft" else None,
                questions=tuple(asked.question(name, (item,)) for name in own),
                papers=tuple(row for row in needed if row not in spared),
                spared=tuple((row, _registers(row, known)) for row in spared),
            )
        )
    benefits = _benefits(decided, event, given, kind)
    elsewhere = {row.policy.id for row in benefits} | {item.policy for item in carried}
    policies = rulebook().pack.policies
    best = {row.policy_id: row.verdict for row in decided}
    best |= {row.policy_id: "yes" for row in decided if row.verdict == "yes"}
    return EventView(
        event=event,
        items=tuple(rows),
        carried=tuple((item, best.get(item.policy, "")) for item in carried),
        shared=tuple(asked.question(name, tuple(of)) for name, of in serving.items() if len(of) > 1),
        benefits=tuple(benefits),
        named=tuple(
            (policies[name], best.get(name, ""))
            for name in event.policies
            if name in policies and name not in elsewhere
        ),
    )


def answers_to(event: LifeEvent, item: Item, answers: Mapping[str, str]) -> dict[str, str]:
    """What the event's answers say to one item's own fields; what it does not ask is left out."""
    mine: dict[str, str] = {}
    for question in item.questions:
        text = answers.get(event.asked_as(f"{item.id}.{question.id}"), "")
        if text and question.is_asked(mine):
            mine[question.id] = text
    return mine


def _stands(matter: Matter | None) -> Matter | None:
    """The matter that leaves nothing to begin: it is with the office."""
    return matter if matter is not None and matter.state in UNDER_WAY else None


def _held(items: list[Item], kind: str, key: int, on: date) -> set[str]:
    """The items whose status the resident has on that day: somebody who is registered as unemployed has nothing to register."""
    gives = {
        item.id: {row.status for row in item.follows if row.do == "begin_status" and row.when is None}
        for item in items
    }
    wanted = set().union(*gives.values())
    if kind != "person" or not wanted:
        return set()
    now = Q(until__isnull=True) | Q(until__gt=on)
    rows = Status.objects.filter(now, person_id=key, start__lte=on, kind__in=wanted)
    there = set(rows.order_by("pk").values_list("kind", flat=True))
    return {name for name, kinds in gives.items() if kinds & there}


def _begins(event: LifeEvent, item: Item, verdicts: Mapping[str, str], matter: Matter | None) -> bool:
    if matter is not None and matter.state == "granted":
        return False
    if matter is not None and matter.state == "draft":
        return True
    return item.id in event.items or (bool(item.policy) and verdicts.get(item.policy) == "yes")


def _registers(row: Evidence, known: Mapping[str, Known]) -> str:
    return "、".join(sorted({known[fact].register for fact in row.known_by}))


class _Asking:
    """Which questions these items leave to be asked, with what is known of each."""

    def __init__(
        self,
        event: LifeEvent,
        items: list[Item],
        known: Mapping[str, Known],
        matters: Mapping[str, Matter],
        given: Given | None,
        limits: Mapping[str, Mapping[str, Limits]],
    ) -> None:
        self.event, self.known, self.limits = event, known, limits
        self.questions = {f"{item.id}.{row.id}": row for item in items for row in item.questions}
        self.said = dict(event.says)
        self.texts: dict[str, str] = {}
        for name, question in self.questions.items():
            canonical = event.asked_as(name)
            item_id, field = name.split(".", 1)
            matter = matters.get(item_id)
            kept = answers_of(matter).get(field, "") if matter is not None and matter.state == "draft" else ""
            from_city = known_answer(question, known)
            text = kept or self.said.get(name, "") or (from_city.value if from_city is not None else "")
            self.texts[canonical] = self.texts.get(canonical, "") or text
        if given is not None:
            self.texts |= {name: text for name, text in given.answers.items() if name in self.questions}

    def answers_for(self, item: Item) -> dict[str, str]:
        return answers_to(self.event, item, self.texts)

    def serving(self, ticked: Collection[str]) -> dict[str, list[Item]]:
        """By the name under which it is asked: the ticked items that want the answer, in the order of the file."""
        items = service_items().items
        found: dict[str, list[Item]] = {}
        for name in self.questions:
            item_id = name.split(".", 1)[0]
            item = items[item_id]
            if item_id in ticked and self.questions[name].is_asked(self.answers_for(item)):
                found.setdefault(self.event.asked_as(name), []).append(item)
        return found

    def question(self, name: str, serves: tuple[Item, ...]) -> EventQuestion:
        question = self.questions[name]
        text = self.texts.get(name, "")
        known = known_answer(question, self.known)
        if name in self.said and text == self.said[name]:
            known = Known(text, gettext("您选的“%(event)s”") % {"event": self._event_name()})
        item_id, field = name.split(".", 1)
        limits = self.limits.get(item_id, {}).get(field, NO_LIMITS)
        return EventQuestion(name, question, text, known, limits, serves)

    def _event_name(self) -> str:
        return self.event.name_en if (get_language() or "").startswith("en") else self.event.name


def _decided(event: LifeEvent, items: list[Item], kind: str, key: int, on: date) -> list[Entitlement]:
    """What the sweep says of this account today under the policies of the items and of the event."""
    policies = {item.policy for item in items if item.policy} | set(event.policies)
    mine = Q(recipient_kind=kind) & (Q(person_id=key) if kind == "person" else Q(employer_id=key))
    today = Q(period_start__isnull=True) | Q(period_start__lte=on)
    still = Q(period_until__isnull=True) | Q(period_until__gt=on)
    found = Entitlement.objects.filter(mine, today, still, policy_id__in=policies)
    return list(found.order_by("verdict", "policy_id", "subject_key", "pk"))


def _benefits(
    decided: list[Entitlement], event: LifeEvent, given: Given | None, kind: str
) -> list[EventBenefit]:
    policies = rulebook().pack.policies
    rows = [
        row
        for row in decided
        if row.policy_id in event.policies
        and row.verdict == "yes"
        and row.amount_fen
        and row.policy_id in policies
        and policies[row.policy_id].effect == "payment"
    ]
    cases = Case.objects.filter(entitlement__in=[row.pk for row in rows], state__in=LIVE_STATES)
    claimed = set(cases.order_by("pk").values_list("entitlement_id", flat=True)) if rows else set()
    rows = [row for row in rows if row.pk not in claimed][:MOST_FOUND]
    names = _names_of([row for row in rows if row.subject_kind not in (kind, "employer", "person")])
    return [
        EventBenefit(
            row,
            policies[row.policy_id],
            names.get((row.subject_kind, row.subject_key), ""),
            row.pk in given.benefits if given is not None else True,
        )
        for row in rows
    ]


@unscoped("an employer's benefit names whom it hired, wherever that person lives; masked")
def _names_of(rows: list[Entitlement]) -> dict[tuple[str, str], str]:
    """The masked names of hired people and of mothers."""
    keys: dict[str, set[int]] = {}
    for row in rows:
        keys.setdefault(row.subject_kind, set()).add(int(row.subject_key))
    found: dict[tuple[str, str], str] = {}
    if keys.get("hire"):
        hired = EmploymentSpell.objects.filter(pk__in=keys["hire"]).order_by("pk")
        found |= {("hire", str(pk)): mask_name(name) for pk, name in hired.values_list("pk", "person__name")}
    if keys.get("birth"):
        born = Birth.objects.filter(pk__in=keys["birth"]).order_by("pk")
        found |= {("birth", str(pk)): mask_name(name) for pk, name in born.values_list("pk", "mother__name")}
    return found
