"""A hundred thousand cases, in bulk: opened from what was decided, carried act by act through the same tables and triggers, paid by the
same batches.

The cases of one chunk begin on one day and go one way, so that every act on them is one statement (`move`). Money is reserved, batched,
sent and settled by the office's own operations, which take hundreds of lines at once. What the single operations do besides (checks
against registers, messages to applicants) is left out; what they leave in cases, events, signatures, reservations, lines, ledger and
benefits is there.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pghistory
from django.db import connection, transaction
from django.db.models import Case as Choice
from django.db.models import Value, When

from jiuye.engine.basis.workdays import add_workdays
from jiuye.engine.ledger import Kind, Transfer
from jiuye.office.casework.models import Case, CaseEvent, Signature
from jiuye.office.casework.models.beside import CaseEvidence
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.procedures import deadline, promised_day, signatures_needed, subsidy_of
from jiuye.office.casework.states import transition
from jiuye.office.casework.timeline import SYSTEM_NAME
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.entitlements.queries import unpaid_policies
from jiuye.office.funds import operations as funds
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.gateway import installed_bank
from jiuye.office.funds.models import Budget, PaymentLine, Reservation
from jiuye.office.funds.operations.budgets import recipients_code
from jiuye.office.funds.operations.entering import enter_all
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import actor_for

if TYPE_CHECKING:
    from benchmarks.load.laying import Officer

CHUNK = 400
# Of a hundred cases so many end (or stand) there. The open ones begin from what is decided today as far as half of it goes, the others
# from the same of earlier periods.
OPEN = {"confirmed": 6, "accepted": 4, "reviewed": 2, "publicised": 3, "approved": 2}
ENDED = {"paid": 78, "refused": 3, "withdrawn": 2}
# The way to each, act by act.
WAY = ("accept", "review", "publicise", "approve")
BEFORE = {"confirmed": 0, "accepted": 1, "reviewed": 2, "publicised": 3, "approved": 4, "paid": 4, "refused": 1, "withdrawn": 0}  # fmt: skip
BACK = {
    "confirmed": 2,
    "accepted": 3,
    "reviewed": 4,
    "publicised": 6,
    "approved": 14,
}  # workdays since an open one began
OLDEST, NEWEST = date(2025, 1, 6), date(2025, 7, 28)  # days on which ended cases began
NOTE = "压测数据：依据不成立"


def lay_cases(officers: Sequence[Officer], number: int, *, on: date, at: datetime) -> None:
    """So many cases."""
    office = _Office(officers, on, at)
    pick = random.Random(number)
    found = _payable()
    pick.shuffle(found)
    # The system confirms and accepts what is automatic: none of it waits at a desk.
    applied = [key for key, claim in found if claim != "automatic"]
    share_of_today = min(1.0, len(applied) / 2 / (number * sum(OPEN.values()) // 100))
    keys = iter(applied)
    missing = {}
    for goal, share in OPEN.items():
        today = int(number * share // 100 * share_of_today)
        missing[goal] = number * share // 100 - today
        for chunk in _chunks(islice(keys, today)):
            office.carry(list(Entitlement.objects.filter(pk__in=chunk).order_by("pk")), goal)
    found = [(key, claim) for key, claim in found if claim != "automatic"]
    taken = 0
    for goal, wanted in (missing | {goal: number * share // 100 for goal, share in ENDED.items()}).items():
        for chunk in _chunks(iter(range(taken, taken + wanted))):
            turns: dict[int, list[int]] = defaultdict(list)
            for place in chunk:
                turns[found[place % len(found)][0]].append(place // len(found))
            office.carry(_earlier(turns), goal, pick.randrange((NEWEST - OLDEST).days))
        taken += wanted


def _payable() -> list[tuple[int, str]]:
    """What is decided, is money, and whose recipient has an account: (key, way of claiming)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.claim FROM entitlements_entitlement e "
            "LEFT JOIN registry_person p ON e.recipient_kind = 'person' AND p.id = e.person_id "
            "LEFT JOIN registry_employer f ON e.recipient_kind = 'employer' AND f.id = e.employer_id "
            "WHERE e.verdict = 'yes' AND e.amount_fen > 0 AND NOT e.policy_id = ANY(%s) "
            "AND octet_length(coalesce(p.bank_account, f.bank_account)) > 0 ORDER BY e.id",
            [sorted(unpaid_policies())],
        )
        return [(key, claim) for key, claim in cursor.fetchall()]


def _chunks(keys: Iterator[int]) -> Iterator[list[int]]:
    while chunk := list(islice(keys, CHUNK)):
        yield chunk


def _earlier(turns: dict[int, list[int]]) -> list[Entitlement]:
    """Decisions like these of earlier months, one for each turn: `nth` is so many months before 2022."""
    copies = []
    for row in Entitlement.objects.filter(pk__in=turns).order_by("pk"):
        for nth in turns[row.pk]:
            start = date(2021 - nth // 12, 12 - nth % 12, 1)
            values = {
                field.attname: getattr(row, field.attname)
                for field in Entitlement._meta.concrete_fields
                if not field.primary_key
            }
            values |= {
                "period_start": start,
                "period_until": (start + timedelta(days=32)).replace(day=1),
                "sweep_id": None,
            }
            copies.append(Entitlement(**values))
    with pghistory.context(operation="load.earlier"):
        return Entitlement.objects.bulk_create(copies)


class _Office:
    """Who acts in which county, and the acts on a chunk."""

    def __init__(self, officers: Sequence[Officer], on: date, at: datetime) -> None:
        self.on, self.at, self.rules, self.bank = on, at, rules(), installed_bank()
        self.by_county: dict[str, dict[str, Any]] = defaultdict(dict)
        for officer in officers:
            self.by_county[officer.role].setdefault(officer.division[:6], officer.account)
        self.approvers = [officer.account for officer in officers if officer.role == "approver"]
        cashiers = [officer.account for officer in officers if officer.role == "cashier"]
        self.maker, self.checker = (actor_for(account, on=on) for account in cashiers[:2])
        self.receipts: dict[str, dict[str, Any]] = {}
        self.papers: dict[str, tuple[Any, ...]] = {}
        self.dues: dict[tuple[str, str, str, date], date | None] = {}
        self.budgets = {
            budget.fund.code: budget for budget in Budget.objects.select_related("account", "fund")
        }

    def carry(self, entitlements: list[Entitlement], goal: str, later: int = 0) -> None:
        """These from the first act to `goal`."""
        if goal in BACK:
            begin = self.on
            while len(_workdays(begin, self.on)) <= BACK[goal]:
                begin -= timedelta(days=1)
        else:
            begin = OLDEST + timedelta(days=later)
        days = [add_workdays(begin, after) for after in range(4)]
        with transaction.atomic(), pghistory.context(operation="load.carry"):
            cases = self.opened(entitlements, days[0], whole=goal in OPEN)
            for act, day in islice(zip(WAY, days, strict=True), BEFORE[goal]):
                getattr(self, act)(cases, day)
            if goal == "refused":
                self.refused(cases, days[1])
            if goal == "withdrawn":
                self.move(cases, "withdraw", days[0], accounts="caseworker", note=NOTE)
        if goal == "paid":
            self.paid(cases, add_workdays(self.granted_on, 1))

    def opened(self, entitlements: list[Entitlement], day: date, *, whole: bool) -> list[Case]:
        """The cases, confirmed at the counter, with whatever papers their procedure asks for."""
        cases = []
        people = Person.objects.in_bulk({row.person_id for row in entitlements})
        employers = Employer.objects.in_bulk({row.employer_id for row in entitlements})
        for row in entitlements:
            person = row.recipient_kind == "person"
            recipient = people[row.person_id] if person else employers[row.employer_id]
            terms = self.rules.terms(row.policy_id)
            copied = {
                name: getattr(row, name)
                for name in (
                    *("policy_id", "rule_version", "subject_kind", "subject_key", "period_start", "claim"),
                    *(
                        "period_until",
                        "amount_fen",
                        "division_code",
                        "recipient_kind",
                        "person_id",
                        "employer_id",
                    ),
                )
            }
            cases.append(
                Case(
                    entitlement=row,
                    policy_name=terms.name,
                    policy_name_en=terms.name_en,
                    payee_name=recipient.name,
                    payee_account=recipient.bank_account,
                    payee_bank=recipient.bank_name,
                    receipt=self.receipt(row) if whole else {"clauses": []},
                    state="confirmed",
                    due_on=self.due(row, "confirmed", day),
                    promised_on=self.due(row, "", day),
                    confirmed_on=day,
                    confirmed_by_way="on_behalf",
                    **copied,
                )
            )
        Case.objects.bulk_create(cases)
        self.events(cases, "confirm_on_behalf", "", "confirmed", day, accounts="caseworker", note="窗口委托")
        papers = []
        for case in cases:
            for proof in self.evidence(case):
                papers.append(
                    CaseEvidence(
                        case=case, evidence_id=proof.id, kind="seen", said="核对原件", given_by_name=case.payee_name,
                        on_date=day, at=self.moment(day),
                    )
                )  # fmt: skip
        CaseEvidence.objects.bulk_create(papers)
        return cases

    def due(self, row: Entitlement | Case, state: str, day: date) -> date | None:
        """The day by which a case in `state` moves on, or (without one) by which all was promised; the same for all of a policy."""
        key = (row.policy_id, row.claim, state, day)
        if key not in self.dues:
            self.dues[key] = deadline(row, state, start=day) if state else promised_day(row, start=day)
        return self.dues[key]

    def evidence(self, case: Case) -> tuple[Any, ...]:
        """What the policy's own procedure asks for."""
        if case.policy_id not in self.papers:
            subsidy = subsidy_of(case)
            self.papers[case.policy_id] = tuple(subsidy.evidence) if subsidy is not None else ()
        return self.papers[case.policy_id]

    def receipt(self, row: Entitlement) -> dict[str, Any]:
        """A whole explanation, of the first one under each policy: as long as a real one, and worked out once."""
        if row.policy_id not in self.receipts:
            self.receipts[row.policy_id] = self.rules.explain(row, on=self.on)
        return self.receipts[row.policy_id]

    def accept(self, cases: list[Case], day: date) -> None:
        self.move(
            cases,
            "accept",
            day,
            accounts="caseworker",
            accepted_on=day,
            accepted_by_id=self.whose("caseworker"),
        )

    def review(self, cases: list[Case], day: date) -> None:
        self.move(
            cases, "review", day, accounts="reviewer", reviewed_on=day, reviewed_by_id=self.whose("reviewer")
        )

    def publicise(self, cases: list[Case], day: date) -> None:
        until = add_workdays(day, 7) + timedelta(days=1)
        self.move(
            cases,
            "publicise",
            day,
            accounts="reviewer",
            due_from=until,
            publicity_start=day,
            publicity_until=until,
        )
        self.granted_on = add_workdays(until - timedelta(days=1), 1)

    def approve(self, cases: list[Case], day: date) -> None:
        """Signed by as many as each amount takes, and the money reserved: after the days of publicity, whatever day it is."""
        day = self.granted_on
        signatures, transfers = [], []
        for case in cases:
            needed = signatures_needed(case, case.amount_fen)
            for ordinal, account in enumerate(self.approvers[:needed], start=1):
                signatures.append(
                    Signature(
                        case=case, round=1, ordinal=ordinal, needed=needed, amount_fen=case.amount_fen,
                        signed_by=account, signed_by_name=account.display_name, on_date=day, at=self.moment(day),
                    )
                )  # fmt: skip
            fund = self.rules.terms(case.policy_id).fund
            transfers.append(
                Transfer(
                    key=f"reserve:{case.claim_key}#1", kind=Kind.PENDING, debit=self.budgets[fund].account.code,
                    credit=recipients_code(fund), amount_fen=case.amount_fen, on=day, subject=case.claim_key,
                    clause=f"{case.policy_id}@{case.rule_version}", receipt=receipt_digest(case.receipt),
                )
            )  # fmt: skip
        Signature.objects.bulk_create(signatures)
        approver = self.approvers[0]
        entries = enter_all(transfers, recorded_by=approver.pk, at=self.moment(day))
        Reservation.objects.bulk_create(
            Reservation(
                claim_key=case.claim_key, budget=self.budgets[self.rules.terms(case.policy_id).fund],
                amount_fen=case.amount_fen, reserved_on=day, held_by=entry,
            )
            for case, entry in zip(cases, entries, strict=True)
        )  # fmt: skip
        self.move(cases, "approve", day, accounts="approver", approved_on=day, approved_by_id=approver.pk)

    def refused(self, cases: list[Case], day: date) -> None:
        self.move(
            cases, "refuse", day, accounts="reviewer", note=NOTE, refused_on=day, refused_clause="load",
            refused_law=NOTE, refused_because=NOTE, refused_by_id=self.whose("reviewer"),
        )  # fmt: skip

    def paid(self, cases: list[Case], day: date) -> None:
        """Into batches by fund, to the bank, and its answers back to the cases."""
        by_fund: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            by_fund[self.rules.terms(case.policy_id).fund].append(case)
        at = self.moment(day)
        for _, group in sorted(by_fund.items()):
            claims = [
                funds.Claim(
                    c.claim_key, c.payee_name, c.payee_account, c.payee_bank, c.recipient_kind == "person"
                )
                for c in group
            ]
            with transaction.atomic(), pghistory.context(operation="load.batch"):
                batch = funds.make_batch(actor=self.maker, claims=claims, on=day, at=at, purpose="压测付款")
                self.move(group, "put_into_batch", day, accounts="cashier", details={"batch": batch.number})
            batch = funds.approve_batch(actor=self.checker, batch=batch, on=day, at=at)
            batch = funds.send_batch(actor=self.checker, batch=batch, bank=self.bank, on=day, at=at)
            funds.settle_batch(actor=self.checker, batch=batch, bank=self.bank, on=day, at=at)
            states = dict(PaymentLine.objects.filter(batch=batch).values_list("claim_key", "state"))
            there = [case for case in group if states[case.claim_key] == "paid"]
            back = [case for case in group if states[case.claim_key] == "rejected"]
            with transaction.atomic(), pghistory.context(operation="load.collect"):
                self.move(there, "record_paid", day, accounts="", paid_on=day)
                self.move(
                    back, "record_rejected", day, accounts="", note="收款账户不符", rejection="收款账户不符"
                )
                Benefit.objects.bulk_create(_benefit(case, day) for case in there)

    # --- what every act shares

    def move(
        self,
        cases: list[Case],
        act: str,
        day: date,
        *,
        accounts: str,
        note: str = "",
        details: dict[str, Any] | None = None,
        due_from: date | None = None,
        **changes: Any,
    ) -> None:
        """One statement for each policy, since deadlines hang on the policy; and the events."""
        if not cases:
            return
        row, by_policy = transition(act), defaultdict(list)
        before = cases[0].state
        for case in cases:
            by_policy[(case.policy_id, case.claim)].append(case)
        for group in by_policy.values():
            due = self.due(group[0], row.target, due_from or day)
            Case.objects.filter(pk__in=[case.pk for case in group]).update(
                state=row.target, due_on=due, **changes
            )
        for case in cases:
            case.state = row.target
        self.events(cases, act, before, row.target, day, accounts=accounts, note=note, details=details)

    def whose(self, role: str) -> Choice:
        """The account of the role in each case's county."""
        return Choice(
            *(
                When(division_code__startswith=county, then=Value(account.pk))
                for county, account in sorted(self.by_county[role].items())
            )
        )

    def events(
        self,
        cases: list[Case],
        act: str,
        before: str,
        after: str,
        day: date,
        *,
        accounts: str,
        note: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        events, there = [], self.by_county[accounts] if accounts else {}
        for case in cases:
            account = there.get(case.division_code[:6]) or next(iter(there.values()), None)
            events.append(
                CaseEvent(
                    case=case, act=act, from_state=before, to_state=after, actor=account,
                    actor_name=account.display_name if account else SYSTEM_NAME, on_date=day, at=self.moment(day),
                    note=note, details=details or {},
                )
            )  # fmt: skip
        CaseEvent.objects.bulk_create(events)

    def moment(self, day: date) -> datetime:
        return datetime.combine(day, self.at.timetz())


def _workdays(first: date, last: date) -> list[date]:
    found, day = [], first
    while day <= last:
        found.append(day)
        day = add_workdays(day, 1)
    return found


def _benefit(case: Case, day: date) -> Benefit:
    return Benefit(
        policy_id=case.policy_id, subject_kind=case.subject_kind, subject_key=case.subject_key,
        person_id=case.person_id, employer_id=case.employer_id, period_start=case.period_start,
        period_until=case.period_until, months=1, amount_fen=case.amount_fen, paid_on=day, case_key=case.claim_key,
        source="本系统发放",
    )  # fmt: skip
