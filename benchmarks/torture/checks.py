"""What must hold afterwards, whatever was killed: each check returns the sentences of what does not."""

from __future__ import annotations

from collections import Counter


def ledger() -> list[str]:
    """All balances, chains and seals recomputed from the entries."""
    from jiuye.office.funds.queries import verify_ledger

    return [str(fault) for fault in verify_ledger().faults]


def payments() -> list[str]:
    """Our paid lines are the bank's own statement, line by line, and no case was paid twice."""
    from jiuye.exchange.bank.pretend import PretendBank
    from jiuye.office.funds.gateway import installed_bank
    from jiuye.office.funds.models import PaymentLine

    bank = installed_bank()
    assert isinstance(bank, PretendBank)
    made = {payout.line_key: payout.amount_fen for payout in bank.payouts()}
    ours = {
        line.line_key: line.amount_fen for line in PaymentLine.objects.filter(state="paid").order_by("pk")
    }
    wrong = [f"银行付了 {key}，账上没有" for key in sorted(made.keys() - ours.keys())]
    wrong += [f"账上付了 {key}，银行没有" for key in sorted(ours.keys() - made.keys())]
    wrong += [f"{key} 金额不同" for key in sorted(made.keys() & ours.keys()) if made[key] != ours[key]]
    claims = Counter(
        PaymentLine.objects.filter(line_key__in=made).order_by("pk").values_list("claim_key", flat=True)
    )
    return wrong + [f"{claim} 付了 {times} 次" for claim, times in claims.items() if times > 1]


def cases() -> list[str]:
    """Every case is where its events lead, each event a row of the table."""
    from jiuye.office.casework.models import Case, CaseEvent
    from jiuye.office.casework.states import OTHER_ACTS, TRANSITIONS

    allowed = {(row.act, source, row.target) for row in TRANSITIONS for source in row.sources}
    wrong: list[str] = []
    at: dict[int, str] = {}
    for event in CaseEvent.objects.order_by("case_id", "pk"):
        before = at.get(event.case_id)
        if before is not None and event.from_state != before:
            wrong.append(f"办件 {event.case_id}：{event.act} 从“{event.from_state}”开始，之前是“{before}”")
        if event.act not in OTHER_ACTS and (event.act, event.from_state, event.to_state) not in allowed:
            wrong.append(f"办件 {event.case_id}：{event.act} 不在流转表里")
        at[event.case_id] = event.to_state
    for key, state in Case.objects.order_by("pk").values_list("pk", "state"):
        if at.get(key) != state:
            wrong.append(f"办件 {key} 是“{state}”，记录说是“{at.get(key)}”")
    return wrong


def money_of_cases() -> list[str]:
    """A paid case has one paid line, an approved one a reservation that is held, a refused one none."""
    from jiuye.office.casework.models import Case
    from jiuye.office.funds.models import PaymentLine, Reservation

    paid = Counter(
        PaymentLine.objects.filter(state="paid").order_by("pk").values_list("claim_key", flat=True)
    )
    held = Counter(
        Reservation.objects.filter(state="held").order_by("pk").values_list("claim_key", flat=True)
    )
    wrong = []
    for case in Case.objects.order_by("pk"):
        key = f"case:{case.pk}"
        if paid[key] != (case.state == "paid"):
            wrong.append(f"办件 {case.pk} 是“{case.state}”，到账 {paid[key]} 笔")
        if held[key] != (case.state in ("approved", "in_payment", "payment_rejected")):
            wrong.append(f"办件 {case.pk} 是“{case.state}”，有效预留 {held[key]} 笔")
    return wrong


CHECKS = {
    "the ledger recomputed, with its chains": ledger,
    "payments beside the bank's own statement": payments,
    "cases beside their events": cases,
    "money beside the states of cases": money_of_cases,
}
