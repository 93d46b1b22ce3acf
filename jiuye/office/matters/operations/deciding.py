"""Deciding a matter: the steps of its item, sending it back, refusing it, taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.workdays import add_workdays
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.services import Item
from jiuye.engine.services.items import Ground
from jiuye.office.casework.authorities import by_relative, require_no_relative
from jiuye.office.casework.models import NoticeProof
from jiuye.office.casework.notices import NAMED, put_up
from jiuye.office.casework.objections import require_no_objection
from jiuye.office.casework.procedures import ways_of_appeal
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.operations import explain_now
from jiuye.office.matters.access import require_for
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.notices import notice_row
from jiuye.office.matters.operations.following import end_what_is_over, follow
from jiuye.office.matters.operations.steps import locked, move, one_act, refuse_repetition
from jiuye.office.matters.states import STEP_ACTS, WrongStateError, transition
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LINE, within


class SamePersonError(Refusal):
    """Who accepted a matter does not decide it (不相容岗位分离)."""

    def __init__(self) -> None:
        super().__init__(gettext("这件事项是您本人受理的，不能再由您决定；请由另一位人员办理。"))


class NoticeNotOverError(Refusal):
    """The public has not yet had its days."""

    def __init__(self, until: date) -> None:
        super().__init__(gettext("公示还没有结束，%(until)s 起才能办结。") % {"until": until.isoformat()})


class NotMetError(Refusal):
    """By what is on record the item's conditions do not hold, so that it is granted only with a ground in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            gettext(
                "按登记信息判定不符合：%(reason)s 属实的请不予办理；登记有误的，先更正登记，或写明据以办结的材料。"
            )
            % {"reason": reason}
        )


class UntoldError(Refusal):
    """What is on record does not tell whether the item's conditions hold: whoever grants it says in words what they rest on."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            gettext("按现有登记，%(reason)s请先补全登记，或写明据以办结的材料；不符合的请不予办理。")
            % {"reason": reason}
        )


# Why a verdict is granted only with a ground in words; a condition that nobody can check is as little met as one that fails.
WORDS_NEEDED: dict[str, type[NotMetError | UntoldError]] = {"no": NotMetError, "unknown": UntoldError}


class CorrectedBeforeError(Refusal):
    """Everything that is missing is said at once: a matter is sent back once (一次性告知)."""

    def __init__(self) -> None:
        super().__init__(gettext("这件事项已经退回补正过一次，不能再次退回；请按现有材料办理，或不予办理。"))


class FieldsMissingError(Refusal):
    """A request for correction says which field or paper is meant, and what is wrong with it."""

    def __init__(self) -> None:
        super().__init__(gettext("请逐项写明哪一项有什么问题；不写明不能退回。"))


class ClauseMissingError(Refusal):
    """A refusal names the condition that fails. Every item has one to name: a file without is a mistake (`refusal-without-law`)."""

    def __init__(self, clause: str) -> None:
        super().__init__(
            gettext("没有条件“%(clause)s”；不予办理必须指明不符合的一条条件。") % {"clause": clause or "—"}
        )


def take(*, actor: Actor, matter_id: int, act: str, note: str = "", on: date, at: datetime) -> Matter:
    """Take the step that the matter awaits: accept, check, review, publicise or decide.

    Deciding runs the item's policy on today's facts, keeps the explanation as the receipt, and does what follows. Raises
    NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError, SamePersonError, HolderActsError, NoticeNotOverError,
    ObjectionOpenError, NotMetError, UntoldError.
    """
    if act not in STEP_ACTS:
        raise WrongStateError(act, "draft", "")
    with one_act(act):
        matter = locked(matter_id)
        refuse_repetition(matter, act)
        if act != matter.awaits:
            raise WrongStateError(act, matter.state, matter.awaits)
        require_for(transition(act), actor=actor, matter=matter)
        item = item_of(matter.item_id)
        changes: dict[str, Any] = {}
        details: dict[str, Any] = {}
        due_from: date | None = None
        require_no_relative(matter.person_id, actor)
        if act == "accept":
            changes["accepted_by_id"] = actor.account_id
        if act == "publicise":
            last_day = add_workdays(on, item.publicity_workdays)
            changes |= {"publicity_start": on, "publicity_until": last_day + timedelta(days=1)}
            due_from = last_day
            matter.publicity_start, matter.publicity_until = on, changes["publicity_until"]
            details = {NAMED: _archive_notice(matter, at).digest}
        ended: list[str] = []
        if act == "decide":
            _require_ripe(matter, actor, on)
            ended = end_what_is_over(matter, item, on=on, at=at)
            changes |= _decision(matter, item, actor, note, on)
        move(matter, act, actor=actor, on=on, at=at, note=note, due_from=due_from, details=details, **changes)
        if act == "decide":
            follow(matter, item, ended, on=on, at=at)
    return matter


def _require_ripe(matter: Matter, actor: Actor, on: date) -> None:
    _require_another_person(matter, actor)
    if matter.publicity_until is not None and on < matter.publicity_until:
        raise NoticeNotOverError(matter.publicity_until)
    if matter.publicity_start is not None:
        require_no_objection(matter)


def _require_another_person(matter: Matter, actor: Actor) -> None:
    """A matter that went back may have been accepted by another since: whoever accepted it once does not decide it."""
    once = matter.timeline.filter(act="accept", actor_id=actor.account_id).exists()
    if once or matter.accepted_by_id == actor.account_id:
        raise SamePersonError


def _archive_notice(matter: Matter, at: datetime) -> NoticeProof:
    """Keep what everybody can read from now on, with its digest, which the step's event names."""
    assert matter.publicity_until is not None  # the step has just set it
    row = notice_row(matter)
    return put_up(
        about=matter.about,
        number=matter.number,
        division_code=matter.division_code,
        shown=asdict(row),
        first_day=row.first_day,
        until=matter.publicity_until,
        at=at,
    )


def _decision(matter: Matter, item: Item, actor: Actor, note: str, on: date) -> dict[str, Any]:
    changes: dict[str, Any] = {"decided_on": on, "decided_by_id": actor.account_id}
    explanation = conditions_of(matter, item, on)
    if explanation is not None:
        if explanation.verdict in WORDS_NEEDED and not note.strip():
            raise WORDS_NEEDED[explanation.verdict](explanation.reason)
        changes["receipt"] = explanation.as_dict()
    months = [row.months for row in item.follows if row.do == "review"]
    if months:
        changes["review_on"] = add_months(on, min(months))
    return changes


def conditions_of(matter: Matter, item: Item, on: date) -> Explanation | None:
    """Whether the applicant meets the item's conditions, clause by clause, on today's facts; None where there are none."""
    if not item.policy:
        return None
    key = matter.person_id if matter.applicant_kind == "person" else matter.employer_id
    return explain_now(policy_id=item.policy, subject_kind=matter.applicant_kind, subject_key=str(key), on=on)


def grounds_of(item: Item, explanation: Explanation | None) -> list[Ground]:
    """The clauses that a refusal may name: the conditions of the item's policy, then the item's own."""
    of_policy = [row.clause for row in explanation.clauses] if explanation is not None else []
    found = [Ground(row.id, row.says, row.says_en, row.law or row.says, None) for row in of_policy]
    return found + [ground for ground in item.grounds if ground.id not in {row.id for row in found}]


def request_correction(
    *, actor: Actor, matter_id: int, corrections: Mapping[str, str], on: date, at: datetime
) -> Matter:
    """Send the matter back, once, with a reason for each field or paper that is not right.

    Raises NotPermittedError, WrongStateError, AlreadyDoneError, CorrectedBeforeError, FieldsMissingError,
    TooLongError.
    """
    with one_act("request_correction"):
        matter = locked(matter_id)
        require_for(transition("request_correction"), actor=actor, matter=matter)
        require_no_relative(matter.person_id, actor)
        refuse_repetition(matter, "request_correction")
        item = item_of(matter.item_id)
        names = {question.id for question in item.questions} | {row.id for row in item.evidence}
        wanted = {
            key: within(words, LINE, "退回补正", f"c-{key}")
            for key, words in corrections.items()
            if words.strip() and key in names
        }
        if not wanted:
            raise FieldsMissingError
        if matter.corrected_before:
            raise CorrectedBeforeError
        move(
            matter,
            "request_correction",
            actor=actor,
            on=on,
            at=at,
            details={"corrections": wanted},
            corrections=wanted,
            corrected_before=True,
        )
    return matter


def refuse(*, actor: Actor, matter_id: int, clause_id: str = "", note: str, on: date, at: datetime) -> Matter:
    """Refuse the matter: the condition that fails with the law's words, the reason, and the ways of appeal.

    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError, ClauseMissingError, SamePersonError.
    """
    with one_act("refuse"):
        matter = locked(matter_id)
        require_for(transition("refuse"), actor=actor, matter=matter)
        require_no_relative(matter.person_id, actor)
        refuse_repetition(matter, "refuse")
        item = item_of(matter.item_id)
        changes: dict[str, Any] = {"refused_because": note.strip(), "decided_on": on}
        changes["decided_by_id"] = actor.account_id
        _require_another_person(matter, actor)
        explanation = conditions_of(matter, item, on)
        if explanation is not None:
            changes["receipt"] = explanation.as_dict()
        grounds = grounds_of(item, explanation)
        ground = next((row for row in grounds if row.id == clause_id), None)
        if ground is None:
            raise ClauseMissingError(clause_id)
        changes |= {"refused_clause": ground.id, "refused_law": ground.law}
        move(
            matter,
            "refuse",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"clause": clause_id, "appeals": ways_of_appeal(on)},
            **changes,
        )
    return matter


def withdraw(*, actor: Actor, matter_id: int, note: str, on: date, at: datetime) -> Matter:
    """The applicant takes the matter back before it is decided; a draft likewise.

    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError.
    """
    with one_act("withdraw"):
        matter = locked(matter_id)
        require_for(transition("withdraw"), actor=actor, matter=matter)
        refuse_repetition(matter, "withdraw")
        spoken = by_relative(matter, "withdraw", actor=actor, on=on, at=at)
        move(matter, "withdraw", actor=actor, on=on, at=at, note=note, details=spoken)
    return matter
