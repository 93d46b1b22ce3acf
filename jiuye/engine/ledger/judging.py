"""May this transfer be made? One function, used by the ledger in memory and by the one in the database.

The checks run in a fixed order, the plainest first, so that the same mistake always gets the same answer. After
TigerBeetle in spirit: errors are values, a key is idempotent, a pending transfer is finished once and whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.ledger.records import (
    FOLLOWS,
    LARGEST_FEN,
    Applied,
    Kind,
    LedgerAccount,
    Outcome,
    Refusal,
    Transfer,
)

# Fields in which two transfers of one key must agree, with the word for each. The day is not among them: whoever
# repeats a request tomorrow means the transfer of today.
_IDENTITY = (
    ("kind", "类别", "kind"),
    ("debit", "借方", "debit account"),
    ("credit", "贷方", "credit account"),
    ("amount_fen", "金额", "amount"),
    ("pending_key", "对应的预留", "pending transfer"),
    ("subject", "办件", "subject"),
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the ledger holds around a transfer. None: there is no such record."""

    debit: LedgerAccount | None
    credit: LedgerAccount | None
    same_key: Transfer | None = None  # the transfer already recorded under this key
    pending: Transfer | None = None  # the transfer that `pending_key` names
    finish: Transfer | None = None  # the transfer that has finished that pending one


def judge(transfer: Transfer, around: Surroundings) -> Outcome:
    """`Applied(new=True)` where it may be made, `Applied(new=False)` where it has been, otherwise the refusal."""
    if around.same_key is not None:
        return _same_key(transfer, around.same_key)
    refusal = _form(transfer) or _accounts(transfer, around)
    if refusal is None and transfer.kind in FOLLOWS:
        refusal = _finishing(transfer, around)
    if refusal is None and transfer.kind is Kind.REVERSE:
        refusal = _reversing(transfer, around)
    if refusal is None and transfer.kind not in (Kind.VOID, Kind.REVERSE):
        refusal = _open(around)
    if refusal is None and transfer.kind in (Kind.SINGLE, Kind.PENDING):
        refusal = _limits(transfer, around)
    return refusal or Applied(transfer, new=True)


def _same_key(transfer: Transfer, recorded: Transfer) -> Outcome:
    for field, zh, en in _IDENTITY:
        if getattr(transfer, field) != getattr(recorded, field):
            return Refusal(
                "exists-with-different-fields",
                f"转账键“{transfer.key}”已经用过，{zh}不同；同一笔请求不能改内容，新的转账请用新的键。",
                f"the transfer key '{transfer.key}' is taken by one with another {en}; a repeated request cannot "
                "change, and a new transfer needs a new key.",
            )
    return Applied(recorded, new=False)


def _form(transfer: Transfer) -> Refusal | None:
    if not transfer.key:
        return Refusal(
            "key-missing", "转账必须有键，以免重复。", "a transfer needs a key, so that it is not made twice."
        )
    if transfer.amount_fen <= 0:
        return Refusal(
            "amount-not-positive",
            f"转账金额必须大于零，现在是 {yuan_text(transfer.amount_fen)} 元。",
            f"the amount must be more than zero; it is {yuan_text(transfer.amount_fen)} yuan.",
        )
    if transfer.amount_fen > LARGEST_FEN:
        return Refusal(
            "amount-too-large",
            "转账金额超出可记录的范围；请核对单位是不是分。",
            "the amount is beyond what can be recorded; check that it is in fen.",
        )
    if transfer.debit == transfer.credit:
        return Refusal(
            "same-account",
            f"借方与贷方是同一账户“{transfer.debit}”；请改其中一个。",
            f"debit and credit are the same account '{transfer.debit}'; change one of them.",
        )
    if (transfer.kind in FOLLOWS) != bool(transfer.pending_key):
        return Refusal(
            "pending-key-misplaced",
            "支付和释放要写明对应的预留，冲回要写明对应的支付，其他转账不写。",
            "a post or void names the pending transfer it finishes and a reversal the post it takes back; no other transfer does.",
        )
    return None


def _accounts(transfer: Transfer, around: Surroundings) -> Refusal | None:
    for account, code in ((around.debit, transfer.debit), (around.credit, transfer.credit)):
        if account is None:
            return Refusal(
                "account-not-found",
                f"没有账户“{code}”；请先开立。",
                f"there is no account '{code}'; open it first.",
            )
        assert account.code == code, f"the surroundings hold {account.code} where {code} was asked for"
    return None


def _open(around: Surroundings) -> Refusal | None:
    for account in (around.debit, around.credit):
        if account is not None and account.closed:
            return Refusal(
                "account-closed",
                f"账户“{account.code}”已关闭，只能释放预留，不能再收付。",
                f"the account '{account.code}' is closed: reservations can be voided, nothing else.",
            )
    return None


def _finishing(transfer: Transfer, around: Surroundings) -> Refusal | None:
    pending = around.pending
    if pending is None:
        return Refusal(
            "pending-not-found",
            f"没有预留“{transfer.pending_key}”；请先预留再支付。",
            f"there is no pending transfer '{transfer.pending_key}'; reserve before you post.",
        )
    if pending.kind is not FOLLOWS[transfer.kind] and transfer.kind is Kind.REVERSE:
        return Refusal(
            "not-posted",
            f"“{transfer.pending_key}”不是支付，不能冲回。",
            f"'{transfer.pending_key}' is no post and cannot be reversed.",
        )
    if pending.kind is not FOLLOWS[transfer.kind]:
        return Refusal(
            "not-pending",
            f"“{transfer.pending_key}”不是预留，不能支付或释放。",
            f"'{transfer.pending_key}' is no pending transfer and cannot be posted or voided.",
        )
    if around.finish is not None and transfer.kind is Kind.REVERSE:
        return Refusal(
            "already-reversed",
            f"支付“{pending.key}”已经冲回（{around.finish.on}），不能再冲一次。",
            f"the post '{pending.key}' was reversed on {around.finish.on} and is not reversed twice.",
        )
    if around.finish is not None:
        posted = around.finish.kind is Kind.POST
        return Refusal(
            "already-posted" if posted else "already-voided",
            f"预留“{pending.key}”已经{'支付' if posted else '释放'}（{around.finish.on}），不能再办一次。",
            f"the pending transfer '{pending.key}' was {'posted' if posted else 'voided'} on {around.finish.on} "
            "and is not finished twice.",
        )
    for field, zh, en in _IDENTITY[1:4] + _IDENTITY[5:]:
        if getattr(transfer, field) != getattr(pending, field):
            return Refusal(
                "differs-from-pending",
                f"支付或释放的{zh}与预留“{pending.key}”不同；须整笔一致。",
                f"its {en} differs from that of the pending transfer '{pending.key}'; it is finished whole.",
            )
    if transfer.on < pending.on:
        return Refusal(
            "dated-before-pending",
            f"记账日 {transfer.on} 早于预留日 {pending.on}。",
            f"it is dated {transfer.on}, before the reservation of {pending.on}.",
        )
    return None


def _reversing(transfer: Transfer, around: Surroundings) -> Refusal | None:
    """What was drawn on since cannot be taken back: the account that had got the money still has to hold it."""
    debit, credit = around.debit, around.credit
    assert debit is not None
    assert credit is not None
    for account, side in ((debit, "debit"), (credit, "credit")):
        available = account.available_fen
        gives = account.limit.value == side
        if gives and available is not None and transfer.amount_fen > available:
            return Refusal(
                "reversal-exceeds-available",
                f"账户“{account.code}”只剩 {yuan_text(available)} 元，不能冲回 {yuan_text(transfer.amount_fen)} 元；请先核对已追回的款项。",
                f"the account '{account.code}' holds {yuan_text(available)} yuan, so that {yuan_text(transfer.amount_fen)} cannot be "
                "taken back; look first at what was recovered from it.",
            )
    return None


def _limits(transfer: Transfer, around: Surroundings) -> Refusal | None:
    debit, credit = around.debit, around.credit
    assert debit is not None
    assert credit is not None
    for account, is_debit in ((debit, True), (credit, False)):
        takes = account.limit.value == ("credit" if is_debit else "debit")
        available = account.available_fen
        if takes and available is not None and transfer.amount_fen > available:
            short = transfer.amount_fen - available
            return Refusal(
                "exceeds-available",
                f"账户“{account.code}”可用 {yuan_text(available)} 元，不够 {yuan_text(transfer.amount_fen)} 元，"
                f"还差 {yuan_text(short)} 元；请先追加预算或释放预留。",
                f"the account '{account.code}' has {yuan_text(available)} yuan available, {yuan_text(short)} short of "
                f"{yuan_text(transfer.amount_fen)}; add to the budget or release a reservation first.",
            )
        posted = account.debits_posted_fen if is_debit else account.credits_posted_fen
        pending = account.debits_pending_fen if is_debit else account.credits_pending_fen
        if posted + pending + transfer.amount_fen > LARGEST_FEN:
            return Refusal(
                "sum-too-large",
                f"账户“{account.code}”的发生额将超出可记录的范围；请核对金额的单位。",
                f"the sums of '{account.code}' would leave what can be recorded; check the unit of the amount.",
            )
    return None
