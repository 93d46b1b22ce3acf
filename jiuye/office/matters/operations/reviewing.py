"""Looking again at what was granted: found when it is due, confirmed, or ended with everything that it gave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months
from jiuye.engine.services import Item
from jiuye.engine.services.items import Follow
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.procedures import require_at_level, ways_of_appeal
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.timeline import AlreadyDoneError, record
from jiuye.office.entitlements.values import FactNow, values_now
from jiuye.office.matters.access import MatterNotFoundError, require_for
from jiuye.office.matters.content import UnknownItemError, item_of
from jiuye.office.matters.models import Matter, Review
from jiuye.office.matters.operations.steps import applicant_key, locked, move, one_act, refuse_repetition
from jiuye.office.matters.operations.undoing import End, begun_on, given_statuses, parties_of, undo
from jiuye.office.matters.states import ACT_NAMES, REVIEWERS, transition
from jiuye.office.matters.telling import tell, tell_party
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.staff.rows import unscoped


class NotReviewedError(Refusal):
    """The item's file says nothing of looking again, so that what it granted does not end this way."""

    def __init__(self) -> None:
        super().__init__(gettext("这个事项没有写明复核和终止的情形；请政策专员补在事项文件里。"))


class ReasonUnknownError(Refusal):
    """What was granted ends for one of the reasons in the item's file."""

    def __init__(self) -> None:
        super().__init__(gettext("请从事项写明的情形里选一种终止的情形。"))


class SayWhatWasSeenError(Refusal):
    """A review is answered with what was looked at and found."""

    def __init__(self) -> None:
        super().__init__(gettext("请写明复核看了什么、结果怎样。"))


class EndOutOfRangeError(Refusal):
    """What was granted ends on a day between the grant and today."""

    def __init__(self, granted: date) -> None:
        super().__init__(
            gettext("终止的日期应在认定次日（认定于 %(granted)s）到今天之间。")
            % {"granted": granted.isoformat()}
        )


class EndBeforeItBeganError(Refusal):
    """What was registered ends after the day on which it began, and not later than today."""

    def __init__(self, begun: date) -> None:
        super().__init__(
            gettext("终止的日期应在开始次日（开始于 %(begun)s）到今天之间；还没有到的日子请到时再办。")
            % {"begun": begun.isoformat()}
        )


class RetainedDayError(Refusal):
    """A trainee who was retained has a contract from a day; one who was not has none."""

    def __init__(self) -> None:
        super().__init__(
            gettext("情形是“留用”的，请写明劳动合同从哪天起，不晚于今天；没有留用的，请把留用日期空着。")
        )


def open_due_reviews(*, on: date, at: datetime) -> int:
    """List every granted matter whose review is due by `on`, and tell its applicant; how many there were.

    For the nightly run; run again it finds nothing twice. What is no longer in force (its status ended otherwise) is not looked at again.
    """
    due = Matter.objects.filter(state="granted", review_on__lte=on).exclude(reviews__outcome="")
    return sum(_open_one(key, on, at) for key in due.order_by("review_on", "pk").values_list("pk", flat=True))


def _open_one(matter_id: int, on: date, at: datetime) -> int:
    with one_act("review_due"):
        matter = locked(matter_id)
        if (
            matter.state != "granted"
            or matter.review_on is None
            or matter.reviews.filter(outcome="").exists()
        ):
            return 0  # somebody was faster
        try:
            item = item_of(matter.item_id)
        except UnknownItemError:
            return 0  # its file has mistakes: it stays due until they are mended
        if not in_force(matter, item):
            matter.review_on = None
            matter.save(update_fields=["review_on"])
            return 0
        review = Review.objects.create(matter=matter, due_on=matter.review_on, found_on=on)
        event = record(matter, "review_due", actor=None, on=on, at=at, details={"review": review.pk})
        tell(matter, event, on=on, at=at)
    return 1


def confirm_review(*, actor: Actor, review_id: int, note: str, on: date, at: datetime) -> Review:
    """What was granted goes on; the next review is due after the item's months.

    Raises MatterNotFoundError, NotPermittedError, SayWhatWasSeenError, TooLongError, AlreadyDoneError.
    """
    with one_act("confirm_review"):
        review = Review.objects.select_for_update(of=("self",)).filter(pk=review_id).first()
        if review is None:
            raise MatterNotFoundError
        matter = locked(review.matter_id)
        how = _how(item_of(matter.item_id))
        require_review(actor, matter, how)
        require_no_relative(matter.person_id, actor)
        if review.outcome:
            raise AlreadyDoneError(
                matter.timeline.filter(act__in=("confirm_review", "end")).order_by("-pk")[0], ACT_NAMES
            )
        if not note.strip():
            raise SayWhatWasSeenError
        note = within(note, LONG, "看了什么、结果怎样", "note")
        _answer(review, actor, on, outcome="confirmed", note=note, looked_at=_kept(matter, how, on))
        matter.review_on = add_months(on, how.months)
        matter.save(update_fields=["review_on"])
        record(matter, "confirm_review", actor=actor, on=on, at=at, note=note, details={"review": review.pk})
    return review


def end_granted(
    *,
    actor: Actor,
    matter_id: int,
    reason: str,
    note: str,
    ended_from: date,
    retained_on: date | None = None,
    on: date,
    at: datetime,
) -> Matter:
    """End what a matter granted, from `ended_from` (the first day without it), by whoever may decide the item or its exit names.

    Statuses, employments and traineeships that it began end for everybody who has them from it, lists are left, and whoever rests on
    them is decided again in the same transaction. `retained_on` is the first day of the contract of a trainee who was taken on. The
    applicant is told the reason and the ways of appeal, and the employer that it was with is told too. Raises MatterNotFoundError,
    NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError, NotReviewedError, ReasonUnknownError, EndOutOfRangeError,
    EndBeforeItBeganError, RetainedDayError, and what the registry or the skills refuse.
    """
    with one_act("end"):
        matter = locked(matter_id)
        refuse_repetition(matter, "end")
        item = item_of(matter.item_id)
        how = _ending(item)
        require_for(transition("end"), actor=actor, matter=matter)
        require_no_relative(matter.person_id, actor)
        words = {key: zh for key, zh, _ in how.reasons}
        if reason not in words:
            raise ReasonUnknownError
        _require_days(matter, item, ended_from, on)
        outcome = dict(how.outcomes).get(reason, "")
        if (outcome == "retained") != (retained_on is not None) or (retained_on or on) > on:
            raise RetainedDayError
        end = End(ended_from, words[reason], outcome, retained_on, on, at)
        event = move(
            matter,
            "end",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"reason": reason, "from": ended_from.isoformat(), "appeals": ways_of_appeal(on)}
            | ({"exit": True} if item.exit is not None else {}),
            refused_because=f"{words[reason]}：{note.strip()}",
            review_on=None,
        )
        review = matter.reviews.filter(outcome="").first() or Review(matter=matter, due_on=on, found_on=on)
        _answer(
            review, actor, on, outcome="ended", reason=reason, note=note.strip(), ended_from=ended_from,
            looked_at=_kept(matter, how, on),
        )  # fmt: skip
        for employer in parties_of(matter, item):
            tell_party(matter, event, employer, on=on, at=at)
        if done := undo(matter, item, end):
            record(matter, "follow", actor=None, on=on, at=at, note="；".join(done))
    return matter


def require_review(actor: Actor, matter: Matter, how: Follow) -> None:
    """Return where the actor may answer the item's reviews here. Raises NotPermittedError."""
    require_at_level(actor, REVIEWERS, matter.division_code, how.level, how.by)


def looked_at(matter: Matter, how: Follow, on: date) -> list[FactNow]:
    """What a review looks at, as it stands today."""
    key = applicant_key(matter)
    found = values_now(entity=matter.applicant_kind, keys=[key], paths=how.looks, on=on) if how.looks else {}
    return list(found.get(key, {}).values())


@unscoped("a household's matter gave its members a status wherever they live")
def in_force(matter: Matter, item: Item) -> bool:
    """False where everything that began with the grant has ended otherwise."""
    begun = [row for row in item.follows if row.do == "begin_status"]
    lists = [row for row in item.follows if row.do == "list_employer"]
    if any(given_statuses(matter, row).exists() for row in begun):
        return True
    if matter.employer is not None and any(getattr(matter.employer, row.register) for row in lists):
        return True
    return not begun and not lists


# ---------------------------------------------------------------------------------------------- internals


def _how(item: Item) -> Follow:
    if item.review is None:
        raise NotReviewedError
    return item.review


def _ending(item: Item) -> Follow:
    if item.ends is None:
        raise NotReviewedError
    return item.ends


def _require_days(matter: Matter, item: Item, ended_from: date, on: date) -> None:
    assert matter.decided_on is not None  # held by a constraint for what was granted
    begun = begun_on(matter, item) if item.exit is not None else matter.decided_on
    if begun < ended_from <= on:
        return
    raise EndBeforeItBeganError(begun) if item.exit is not None else EndOutOfRangeError(begun)


def _answer(review: Review, actor: Actor, on: date, **changes: Any) -> None:
    review.decided_on, review.decided_by_id = on, actor.account_id
    for field, value in changes.items():
        setattr(review, field, value)
    review.save()


def _kept(matter: Matter, how: Follow, on: date) -> dict[str, Any]:
    return {now.path: _plain(now.value) for now in looked_at(matter, how, on)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
