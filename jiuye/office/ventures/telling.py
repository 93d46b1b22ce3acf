"""Telling borrowers what happened to their loan: the message is written with the act, in its transaction, and sent later from outside."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.messages import Words
from jiuye.office.casework.telling import appeals_words, day_words, instalment_words, sentence
from jiuye.office.funds.models import Recovery
from jiuye.office.messages.models import Message
from jiuye.office.messages.operations import write
from jiuye.office.ventures.extensions import EXTENDING
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanEvent, LoanTopUp
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.states import LOAN_NAME

# Which acts a borrower is told of; the words stand in the pack's `messages/`. Interest and compensation are told once they are paid.
OCCASION_OF: dict[str, str] = {
    "apply": "loan_received",
    "request_correction": "loan_correction",
    "refuse": "loan_refused",
    "uphold_refusal": "loan_refusal_upheld",
    "overturn": "loan_refusal_overturned",
    "guarantee": "loan_guaranteed",
    "bank_decline": "loan_declined",
    "disburse": "loan_paid_out",
    "grant_extension": "loan_extended",
    "refuse_extension": "loan_extension_refused",
    "repay_all": "loan_closed",
    "recover_all": "loan_closed",
    "write_off": "loan_closed",
    "undo_repayment": "loan_reopened",
    "reopen_claim": "loan_reopened",
}
HOW_IT_ENDED: dict[str, Words] = {
    "repay_all": Words("贷款本金已经还清", "the principal has been repaid"),
    "recover_all": Words("基金代偿的款项已经还清", "what the fund had paid for you has been repaid"),
    "write_off": Words(
        "基金代偿的款项已经核销，不再追偿",
        "what the fund had paid for you is written off and no longer claimed",
    ),
}


def tell(loan: Loan, event: LoanEvent, *, on: date, at: datetime) -> None:
    """Write the message of this act to the borrower; other acts tell nothing. Raises MessagesUnreadableError."""
    occasion = OCCASION_OF.get(event.act)
    # A repayment that is taken back while the loan runs changes what is owed; only where the end had been told it is told.
    if occasion is None or (
        event.act == "undo_repayment" and event.from_state in ("disbursed", "compensated")
    ):
        return
    amount = {
        "loan_received": loan.wanted_fen,
        "loan_correction": loan.wanted_fen,
        "loan_refused": loan.wanted_fen,
        "loan_refusal_upheld": loan.wanted_fen,
        "loan_refusal_overturned": loan.wanted_fen,
        "loan_guaranteed": loan.guaranteed_fen,
        "loan_declined": loan.guaranteed_fen,
    }.get(occasion, event.details.get("principal_fen") if event.act in EXTENDING else loan.disbursed_fen)
    because = Words(sentence(event.note))
    first = loan.instalments.order_by("due_on").first() if occasion == "loan_paid_out" else None
    asked = "".join(sentence(f"{row['name']}：{row['words']}") for row in loan.corrections)
    _write(
        loan,
        occasion,
        f"loan:{loan.pk}:{event.pk}",
        amount,
        {
            "promised": day_words(loan.promised_on),
            "because": because,
            "note": Words(asked) if occasion == "loan_correction" else because,
            "clause": Words(sentence(loan.refused_law)),
            "appeals": appeals_words(loan.refused_on or on),
            "bank": Words(loan.bank),
            "due": day_words(first.due_on if first is not None else loan.due_on),
            **_put_off(event),
            "how": HOW_IT_ENDED.get(event.act, Words("")),
        },
        on=on,
        at=at,
    )


def _put_off(event: LoanEvent) -> dict[str, Words]:
    """Of an extension: the day on which the instalment was due, and the one on which it is to be due."""
    if event.act not in EXTENDING:
        return {}
    return {name: day_words(date.fromisoformat(event.details[name])) for name in ("due", "until")}


def tell_interest_paid(
    loan: Loan, subsidy: InterestSubsidy, *, line_key: str, on: date, at: datetime
) -> None:
    """The bank has paid a quarter's interest, or a difference to it, by that line. Raises MessagesUnreadableError."""
    key = f"loan:{loan.pk}:interest:{subsidy.pk}"
    if Message.objects.filter(key=key).exists():  # paid before, and sent back since
        key = f"{key}:{line_key.rpartition('#')[2]}"
    quarter = {"quarter": _quarter_words(subsidy)}
    _write(loan, "loan_interest_paid", key, subsidy.amount_fen, quarter, on=on, at=at)


def tell_interest_returned(
    loan: Loan, subsidy: InterestSubsidy, *, line_key: str, reason: str, on: date, at: datetime
) -> None:
    """The bank sent back what it had paid by that line. Raises MessagesUnreadableError."""
    key = f"loan:{loan.pk}:interest:{subsidy.pk}:back:{line_key.rpartition('#')[2]}"
    words = Words(reason or "银行没有写明原因", reason or "the bank gave no reason")
    more = {"quarter": _quarter_words(subsidy), "reason": words}
    _write(loan, "loan_interest_returned", key, subsidy.amount_fen, more, on=on, at=at)


def tell_claimed_back(
    loan: Loan, recovery: Recovery, subsidy: InterestSubsidy | None, *, on: date, at: datetime
) -> None:
    """It was decided that the borrower pays interest, or the fund's compensation, back. Raises MessagesUnreadableError."""
    occasion = "loan_interest_claimed_back" if subsidy is not None else "loan_compensation_claimed"
    more = {
        "ground": Words(sentence(recovery.ground)),
        "document": Words(recovery.document),
        "instalments": instalment_words(recovery),
    }
    if subsidy is not None:
        more |= {"quarter": _quarter_words(subsidy), "appeals": appeals_words(on)}
    key = f"loan:{loan.pk}:claimed:{recovery.pk}"
    _write(loan, occasion, key, recovery.amount_fen, more, on=on, at=at)


def tell_claim_withdrawn(loan: Loan, recovery: Recovery, *, on: date, at: datetime) -> None:
    """What the borrower was told to pay back is not owed. Raises MessagesUnreadableError."""
    more = {"document": Words(recovery.document), "because": Words(sentence(recovery.dropped_because))}
    key = f"loan:{loan.pk}:withdrawn:{recovery.pk}"
    _write(loan, "loan_claim_withdrawn", key, recovery.amount_fen, more, on=on, at=at)


def _quarter_words(subsidy: InterestSubsidy) -> Words:
    start = subsidy.quarter_start
    number = (start.month + 2) // 3
    return Words(f"{start.year}年第{number}季度", f"quarter {number} of {start.year}")


def tell_compensated(loan: Loan, *, on: date, at: datetime) -> bool:
    """The fund has paid the bank, and the borrower owes the fund. True where it had not been told. Raises MessagesUnreadableError."""
    key = compensated_key(loan.pk)
    return _once(loan, "loan_compensated", key, loan.compensated_fen, {}, on=on, at=at)


def tell_topped_up(loan: Loan, top_up: LoanTopUp, *, on: date, at: datetime) -> bool:
    """The same of a further compensation."""
    key = f"{compensated_key(loan.pk)}:{top_up.pk}"
    return _once(loan, "loan_compensated", key, top_up.amount_fen, {}, on=on, at=at)


def compensated_key(loan_id: int) -> str:
    """The key of the message that a compensation was paid."""
    return f"loan:{loan_id}:compensated"


def tell_due_soon(loan: Loan, due: date, amount_fen: int, *, on: date, at: datetime) -> bool:
    """An instalment is due in a few days. True where it had not been told. Raises MessagesUnreadableError."""
    key = f"loan:{loan.pk}:due:{due.isoformat()}"
    return _once(loan, "loan_due_soon", key, amount_fen, {"due": day_words(due)}, on=on, at=at)


def tell_late(loan: Loan, since: date, late_fen: int, *, on: date, at: datetime) -> bool:
    """Principal that was due has not come back. True where it had not been told. Raises MessagesUnreadableError."""
    key = f"loan:{loan.pk}:late:{since.isoformat()}"
    days = Words(str((on - since).days))
    return _once(loan, "loan_late", key, late_fen, {"due": day_words(since), "days": days}, on=on, at=at)


def _once(
    loan: Loan,
    occasion: str,
    key: str,
    amount_fen: int | None,
    more: dict[str, Words],
    *,
    on: date,
    at: datetime,
) -> bool:
    if Message.objects.filter(key=key).exists():
        return False
    return _write(loan, occasion, key, amount_fen, more, on=on, at=at) is not None


def _write(
    loan: Loan,
    occasion: str,
    key: str,
    amount_fen: int | None,
    more: dict[str, Words],
    *,
    on: date,
    at: datetime,
) -> Message | None:
    item = loan_item(loan.kind)
    return write(
        occasion=occasion,
        key=key,
        about=f"loan:{loan.pk}",
        recipient_kind="person" if loan.person_id is not None else "employer",
        person_id=loan.person_id,
        employer_id=loan.employer_id,
        division_code=loan.division_code,
        values={
            "loan": Words(item.name, item.name_en) if item is not None else Words(*LOAN_NAME),
            "number": Words(loan.number),
            "name": Words(loan.borrower_name),
            "amount": Words(yuan_text(amount_fen or 0)),
            "day": day_words(on),
            **more,
        },
        on=on,
        at=at,
    )
