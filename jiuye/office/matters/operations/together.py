"""A life event sent once (就业一件事): every ticked item is begun and handed in, every ticked benefit confirmed, and each says how it went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.engine.services import Item, LifeEvent
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.operations.confirming import confirm_own
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.matters.content import service_items
from jiuye.office.matters.forms import FormRefusedError, answers_of, kept
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.evidencing import attach
from jiuye.office.matters.operations.starting import hand_in, missing_papers, save, start
from jiuye.office.matters.queries.events import Given, answers_to, event_form
from jiuye.office.matters.queries.menu import KIND_OF_ACCOUNT
from jiuye.office.staff.queries import Actor, NotPermittedError, require


class NothingTickedError(Refusal):
    """The form was sent with everything ticked off."""

    def __init__(self) -> None:
        super().__init__(gettext("一项也没有选；请至少选一项要办的，再一次提交。"))


class NoSuchEventError(Refusal):
    """There is no such life event for this kind of account."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这件事；请回到“办事”重新选择。"))


@dataclass(frozen=True, slots=True)
class Paper:
    """One file that came with the form, for one point of one item."""

    item_id: str
    evidence_id: str
    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one of them went: handed_in, draft (kept, `left` says what remains), confirmed, there (begun before), or refused and why."""

    kind: str
    name: str
    name_en: str
    number: str = ""
    matter_id: int | None = None
    case_id: int | None = None
    promised_on: date | None = None
    left: tuple[str, ...] = ()
    papers: tuple[tuple[str, str], ...] = ()  # that are missing, in Chinese and English


def begin_event(
    *,
    actor: Actor,
    event_id: str,
    items: Collection[str],
    benefits: Collection[int],
    answers: Mapping[str, str],
    papers: Iterable[Paper] = (),
    rules: Rules,
    on: date,
    at: datetime,
) -> list[Outcome]:
    """Begin whatever can be begun, each in its own transaction: what one lacks keeps none of the others back, and nothing typed is lost.

    `answers` by `item.field`. Raises NotPermittedError, NoSuchEventError, NothingTickedError; any other refusal is an outcome.
    """
    require(actor, "own.confirm")
    found = service_items()
    event = found.life_events.get(event_id)
    if event is None or event.applicant != KIND_OF_ACCOUNT[actor.kind]:
        raise NoSuchEventError
    chosen = [found.items[name] for name in event.all_items if name in items]
    if not chosen and not benefits:
        raise NothingTickedError
    by_item: dict[str, list[Paper]] = {}
    for paper in papers:
        by_item.setdefault(paper.item_id, []).append(paper)
    outcomes = [
        _one_item(actor, event, item, answers_to(event, item, answers), by_item.get(item.id, []), on, at)
        for item in chosen
    ]
    # The benefits come last: what the items tell the rules is decided by then.
    return outcomes + [_one_benefit(actor, event, key, rules, on, at) for key in sorted(benefits)]


def keep_event(
    *, actor: Actor, event_id: str, items: Collection[str], answers: Mapping[str, str], on: date, at: datetime
) -> list[str]:
    """Keep what was typed so far into the form of an event, as drafts of the ticked items that it belongs to: it stands there again when the
    form is opened anew, and with each item by itself. Nothing is begun of which nothing was typed that the city has not filled in.

    `answers` by `item.field`. Returns the words of what could not be kept. Raises NotPermittedError, NoSuchEventError.
    """
    require(actor, "own.confirm")
    untouched = event_form(actor, event_id, given=Given({}, items, []), on=on)
    if untouched is None:
        raise NoSuchEventError
    event, told = untouched.event, []
    stood = {row.name: row.text for row in untouched.shared}
    stood |= {row.name: row.text for one in untouched.items for row in one.questions}
    for one in untouched.items:
        if not one.ticked:
            continue
        given = answers_to(event, one.item, answers)
        asked = {event.asked_as(f"{one.item.id}.{row.id}") for row in one.item.questions} & answers.keys()
        typed = any(answers[name].strip() != stood.get(name, "") for name in asked)
        if not typed if one.draft is None else answers_of(one.draft) == kept(one.item, given):
            continue
        try:
            _keep_draft(actor, event, one.item, one.draft, given, on, at)
        except Refusal as error:
            told.append(str(error))
    return told


def _keep_draft(
    actor: Actor,
    event: LifeEvent,
    item: Item,
    draft: Matter | None,
    given: dict[str, str],
    on: date,
    at: datetime,
) -> None:
    """The draft that stands in the form is gone on with, whomever its answers name now; without one, one is begun."""
    if draft is None:
        draft = start(
            actor=actor,
            item_id=item.id,
            applicant_kind=item.applicant,
            applicant_id=int(actor.subject_key),
            life_event=event.id,
            answers=given,
            on=on,
            at=at,
        )
    save(actor=actor, matter_id=draft.pk, answers=given, on=on, at=at)


def _one_item(
    actor: Actor,
    event: LifeEvent,
    item: Item,
    answers: dict[str, str],
    papers: list[Paper],
    on: date,
    at: datetime,
) -> Outcome:
    try:
        matter = start(
            actor=actor,
            item_id=item.id,
            applicant_kind=item.applicant,
            applicant_id=int(actor.subject_key),
            life_event=event.id,
            answers=answers,
            on=on,
            at=at,
        )
        if matter.state != "draft":
            return _of(matter, item, "there")
        save(actor=actor, matter_id=matter.pk, answers=answers, on=on, at=at)
    except Refusal as error:
        return Outcome("refused", item.name, item.name_en, left=(str(error),))
    left = [words for paper in papers if (words := _refused_paper(actor, matter, paper, on, at))]
    try:
        matter = hand_in(actor=actor, matter_id=matter.pk, answers=answers, on=on, at=at)
    except AlreadyDoneError:
        return _of(Matter.objects.get(pk=matter.pk), item, "there")
    except FormRefusedError as error:
        left += error.fields.values()
    except Refusal as error:
        left += [] if missing_papers(matter, on=on) else [str(error)]
    else:
        return _of(matter, item, "handed_in")
    missing = missing_papers(Matter.objects.get(pk=matter.pk), on=on)
    return _of(matter, item, "draft", left, tuple((row.name, row.name_en) for row in missing))


def _refused_paper(actor: Actor, matter: Matter, paper: Paper, on: date, at: datetime) -> str:
    """Keep one file; the words of its refusal, empty where it was kept."""
    try:
        attach(
            actor=actor,
            matter_id=matter.pk,
            evidence_id=paper.evidence_id,
            file_name=paper.file_name,
            content=paper.content,
            on=on,
            at=at,
        )
    except Refusal as error:
        return str(error)
    return ""


def _of(
    matter: Matter,
    item: Item,
    kind: str,
    left: Iterable[str] = (),
    papers: tuple[tuple[str, str], ...] = (),
) -> Outcome:
    return Outcome(
        kind,
        item.name,
        item.name_en,
        number=matter.number,
        matter_id=matter.pk,
        promised_on=matter.promised_on,
        left=tuple(left),
        papers=papers,
    )


def _one_benefit(actor: Actor, event: LifeEvent, key: int, rules: Rules, on: date, at: datetime) -> Outcome:
    entitlement = Entitlement.objects.filter(pk=key, policy_id__in=event.policies).order_by("pk").first()
    if entitlement is None:
        return Outcome("refused", "", "", left=(str(CaseNotFoundError()),))
    terms = rules.terms(entitlement.policy_id)
    names = (terms.name, terms.name_en)
    try:
        case = confirm_own(actor=actor, entitlement_id=key, rules=rules, on=on, at=at)
    except AlreadyDoneError as error:
        first = error.event.case
        return Outcome("there", *names, number=first.number, case_id=first.pk, promised_on=first.promised_on)
    except NotPermittedError:
        # Somebody else's: told as one that does not exist.
        return Outcome("refused", "", "", left=(str(CaseNotFoundError()),))
    except Refusal as error:
        return Outcome("refused", *names, left=(str(error),))
    return Outcome("confirmed", *names, number=case.number, case_id=case.pk, promised_on=case.promised_on)
