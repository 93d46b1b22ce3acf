"""Sending an application back to its borrower, point by point and once; and taking it up again when it was put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.clocks import workdays_left
from jiuye.office.casework.corrections import Point, asked_for, known_before, written
from jiuye.office.casework.procedures import procedures, workdays_later
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within
from jiuye.office.ventures.corrections import WANTED, brought_since, papers_since, points_of
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations.lending import NotEligibleError
from jiuye.office.ventures.operations.steps import is_borrower, locked, one_act, require_for, walk
from jiuye.office.ventures.rules import eligibility
from jiuye.office.ventures.states import LoanRefusal, advance


class LoanCorrectedBeforeError(LoanRefusal):
    """Everything that is wrong is said at once (一次性告知); again only what the correction itself brought."""

    def __init__(self, points: Sequence[Point]) -> None:
        super().__init__(
            gettext(
                "这笔申请已经退回补正过一次，“%(points)s”当时就可以提出，不能再次退回（补正以后新交的材料、改过的金额除外）；请按现有材料同意担保，或者指明条件不予担保。"
            )
            % {"points": "、".join(point.name for point in points)}
        )


class UnansweredPointsError(LoanRefusal):
    """The borrower answers everything that was asked, each by itself."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            gettext("还有没答复的：%(names)s。请逐项写明补正了什么；材料重新上传以后可以不写。")
            % {"names": "、".join(names)}
        )


class NotAskedError(LoanRefusal):
    """What was not asked to be put right stays as it was applied for."""

    def __init__(self) -> None:
        super().__init__(gettext("这次没有要求补正申请金额，不能改；要换金额的，请撤回后重新申请。"))


class WantedAmountError(LoanRefusal):
    """An amount is more than nothing."""

    field = "wanted"

    def __init__(self) -> None:
        super().__init__(gettext("申请金额必须大于零；请核对。"))


def request_correction(
    *, actor: Actor, loan_id: int, corrections: Mapping[str, str], on: date, at: datetime
) -> Loan:
    """Send the application back with a reason for each point that is not right (`corrections.points_of` lists them), once.

    A second time only for what the correction itself brought. The office's clock stands still meanwhile, and signatures that were
    given begin anew. Raises NotPermittedError, LoanNotFoundError, WrongLoanStateError, PointsMissingError, LoanCorrectedBeforeError,
    TooLongError.
    """
    with one_act("request_correction"):
        loan = locked(loan_id)
        require_for("request_correction", actor=actor, loan=loan)
        require_no_relative(loan.person_id, actor)
        advance(loan.state, "request_correction")
        asked = asked_for(points_of(loan), corrections)
        if loan.corrected_before:
            known = known_before(asked, brought_since(loan))
            if known:
                raise LoanCorrectedBeforeError(known)
        walk(
            loan,
            "request_correction",
            actor=actor,
            on=on,
            at=at,
            **written(asked),
            corrected_before=True,
            stopped_on=on,
            promised_workdays_left=workdays_left(on, loan.promised_on),
            due_on=workdays_later(on, procedures().correction_workdays),
        )
    return loan


def correct(
    *,
    actor: Actor,
    loan_id: int,
    answers: Mapping[str, str],
    wanted_fen: int | None = None,
    on: date,
    at: datetime,
) -> Loan:
    """The borrower (or an officer at the counter for them) answers every point; the policy decides anew on today's facts.

    A paper that was given since needs no words, and neither does an amount that is changed. The promised day runs on with the workdays
    that were left when the application was sent back.
    Raises NotPermittedError, LoanNotFoundError, WrongLoanStateError, UnansweredPointsError, NotAskedError, WantedAmountError,
    NotEligibleError, TooLongError.
    """
    with one_act("correct"):
        loan = locked(loan_id)
        if not (is_borrower(actor, loan) and actor.may("own.confirm")):
            require(actor, "ventures.record", loan.division_code)
            require_no_relative(loan.person_id, actor)
        advance(loan.state, "correct")
        changed = _changed_amount(loan, wanted_fen)
        answered = _answered(loan, answers, changed)
        told = eligibility(
            kind=loan.kind,
            employer_id=loan.employer_id,
            wanted_fen=changed or loan.wanted_fen,
            on=on,
            person_id=loan.person_id,
        )
        if told.verdict != "yes":
            raise NotEligibleError(told.verdict, told.reason)
        details: dict[str, Any] = {"points": [row["point"] for row in answered]}
        changes: dict[str, Any] = {"corrections": answered, "receipt": told.as_dict()}
        if changed is not None:
            details |= {"wanted_fen_before": loan.wanted_fen, "wanted_fen": changed}
            changes["wanted_fen"] = changed
        left = loan.promised_workdays_left
        if left is not None:
            changes["promised_on"] = workdays_later(on, left)
        note = "；".join(f"{row['name']}：{row['answer']}" for row in answered)
        walk(loan, "correct", actor=actor, on=on, at=at, note=note, details=details, **changes)
    return loan


def _changed_amount(loan: Loan, wanted_fen: int | None) -> int | None:
    if wanted_fen is None or wanted_fen == loan.wanted_fen:
        return None
    if all(row["point"] != WANTED for row in loan.corrections):
        raise NotAskedError
    if wanted_fen <= 0:
        raise WantedAmountError
    return wanted_fen


def _answered(loan: Loan, answers: Mapping[str, str], changed_fen: int | None) -> list[dict[str, str]]:
    """What was asked, each with its answer. Raises UnansweredPointsError, TooLongError."""
    given, found, open_names = papers_since(loan), [], []
    for row in loan.corrections:
        key = row["point"]
        said = [within(answers.get(key, ""), LINE, "补正", f"a-{key}")]
        if key in given:
            said.append(gettext("已重新提交材料"))
        if key == WANTED and changed_fen is not None:
            said.append(gettext("改为 %(amount)s 元") % {"amount": yuan_text(changed_fen)})
        answer = "；".join(filter(None, said))
        found.append({**row, "answer": answer})
        if not answer:
            open_names.append(row["name"])
    if open_names:
        raise UnansweredPointsError(open_names)
    return found
