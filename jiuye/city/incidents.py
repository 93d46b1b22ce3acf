"""What does not run smoothly in the demonstration's office: objections, a refusal looked at again, money claimed back, a register
that reports late, a low mark, a yearly review.

Played after the cases (`office_life.py`), on them, by the operations that people at a desk would take.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from jiuye.city.hands import Hands, applicant, morning, workdays_before
from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.basis.workdays import add_workdays
from jiuye.office.casework import operations as casework
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.refusals import Refusal
from jiuye.office.conduct import operations as conduct
from jiuye.office.entitlements.delivering import deliver_file
from jiuye.office.entitlements.operations import redecide_employer, subject_person
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import Recovery
from jiuye.office.matters import operations as matters
from jiuye.office.matters.content import item_of
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.models import ContributionSpell
from jiuye.office.staff.models import Account

RECOGNITION = "traineeship-base-recognition"
# What the base of the stories says of itself; the posts are the fewest that the standard takes.
ANSWERS = {"posts": "10", "rounds": "2", "skills": "软件测试", "contact": "演示负责人", "promise": "yes"}
# Who took which step of its recognition, so many workdays after it was handed in.
FOUND = {"check": "演示：到单位看过，岗位和带教人员属实"}
STEPS = (("accept", "caseworker", 1), ("check", "reviewer", 3), ("publicise", "reviewer", 4))
EVERY_REFUSAL = (Refusal, funds.FundsRefusal, DeliveryRefusedError)


def play_incidents(*, on: date) -> list[str]:
    """Play them; which came about, in the order in which they were tried. What there is no case for is left out."""
    hands = Hands()
    return [name for name, play in INCIDENTS if _came_about(play, hands, on)]


def _came_about(play: Incident, hands: Hands, on: date) -> bool:
    try:
        return play(hands, on)
    except EVERY_REFUSAL:
        return False


def objection_open(hands: Hands, on: date) -> bool:
    """Somebody objected yesterday to what is publicised, and left no name."""
    case = _cases("publicised").filter(publicity_until__gt=on).first()
    if case is None:
        return False
    day = workdays_before(on, 1)
    casework.object_in_public(
        case_id=case.pk,
        raised_by_name="",
        contact="",
        text="演示：据了解，这件公示的内容和实际情况不符，请核实。",
        address="127.0.0.1",
        on=day,
        at=morning(day),
    )
    return True


def objection_answered(hands: Hands, on: date) -> bool:
    """An objection of the first days of a notice, answered by an approver: it did not hold."""
    case = _cases("publicised").filter(publicity_until__lte=on).first()
    if case is None or case.publicity_start is None:
        return False
    day = add_workdays(case.publicity_start, 1)
    objection = casework.object_to(
        actor=hands.actor("caseworker", day),
        case_id=case.pk,
        raised_by_name="演示居民",
        contact="13800000000",
        text="演示：听说这家的人早就有工作了。",
        on=day,
        at=morning(day),
    )
    day = add_workdays(day, 2)
    casework.resolve_objection(
        actor=hands.actor("approver2", day),
        objection_id=objection.pk,
        upheld=False,
        resolution="演示：查就业登记和参保记录，公示的情况属实。",
        answer="您反映的情况已经核查，登记和参保记录与公示一致，异议不成立。",
        on=day,
        at=morning(day),
    )
    return True


def refusal_under_review(hands: Hands, on: date) -> bool:
    """Whoever was refused does not agree; another approver has to look at it."""
    case = _cases("refused").first()
    if case is None:
        return False
    day = workdays_before(on, 2)
    casework.ask_review(
        actor=hands.actor("caseworker", day),
        case_id=case.pk,
        text="演示：材料上的日期是笔误，单位已出具说明，请再核对一次。",
        contact="13800000001",
        on=day,
        at=morning(day),
    )
    return True


def claim_back(hands: Hands, on: date) -> bool:
    """A paid case is claimed back in three instalments; part of the first one has come."""
    case = _cases("paid").order_by("-amount_fen", "pk").first()
    if case is None or case.paid_on is None:
        return False
    day = max(case.paid_on, workdays_before(on, 1))
    at = morning(day)
    recovery = casework.propose_claim_back(
        actor=hands.actor("cashier", day),
        case_id=case.pk,
        amount_fen=case.amount_fen // 2,
        ground="演示：付款以后查明，这段时间的一半不符合领取条件",
        document=f"演示追回〔{day.year}〕1号",
        schedule=funds.equal_instalments(
            case.amount_fen // 2, [add_months(day, number) for number in (1, 2, 3)]
        ),
        on=day,
        at=at,
    )
    for name in ("approver2", "approver3"):
        if recovery.state == "proposed":
            recovery = casework.confirm_claim_back(
                actor=hands.actor(name, day), recovery_id=recovery.pk, on=day, at=at
            )
    casework.receive_back(
        actor=hands.actor("cashier", on),
        recovery_id=recovery.pk,
        amount_fen=max(1, case.amount_fen // 10),
        bank_reference=f"演示{case.number}-追回1",
        on=on,
        at=morning(on),
    )
    return True


def doubt_found(hands: Hands, on: date) -> bool:
    """The insurance register reports late that a firm had stopped paying for somebody before it was paid for hiring them."""
    case = _cases("paid").filter(subject_kind="hire").exclude(pk__in=_taken_back()).first()
    worker = subject_person(case.subject_kind, case.subject_key) if case is not None else None
    paying = ContributionSpell.objects.filter(person=worker, payer="employer", until__isnull=True)
    spell = paying.select_related("person", "employer").order_by("pk").last()
    if case is None or case.approved_on is None or spell is None or spell.employer is None:
        return False
    reported = {
        "身份证号": spell.person.id_number,
        "统一社会信用代码": spell.employer.credit_code,
        "缴费方": "单位缴纳",
        "起缴月份": f"{spell.start:%Y-%m}",
        "末缴月份": f"{add_months(case.approved_on, -2):%Y-%m}",
        "缴费基数": yuan_text(spell.base_fen, separators=False),
        "基本养老": yuan_text(spell.pension_fen, separators=False),
        "基本医疗": yuan_text(spell.medical_fen, separators=False),
        "失业": yuan_text(spell.unemployment_fen, separators=False),
        "工伤": yuan_text(spell.injury_fen, separators=False),
        "生育": yuan_text(spell.maternity_fen, separators=False),
    }
    deliver_file(
        actor=hands.actor("caseworker", on),
        register="insurance",
        entity="contribution",
        file_name="演示参保缴费.csv",
        content=f"{','.join(reported)}\n{','.join(reported.values())}".encode(),
        as_of=on,
        source="市社保中心（演示）",
        on=on,
        at=morning(on),
    )
    return casework.look_back(rules=rules(), on=on, at=morning(on)).found > 0


def low_mark(hands: Hands, on: date) -> bool:
    """Whoever was paid is not satisfied, and waits for an answer."""
    case = _cases("paid").last()
    if case is None:
        return False
    day = workdays_before(on, 1)
    kind = "resident" if case.recipient_kind == "person" else "employer"
    key = case.person_id if kind == "resident" else case.employer_id
    assert key is not None  # a case is somebody's
    conduct.rate(
        actor=applicant(kind, key, case.payee_name),
        case_id=case.pk,
        level="unsatisfied",
        words="演示：来窗口两次才知道不用带材料，打电话问也没有人接。",
        on=day,
        at=morning(day),
    )
    return True


def yearly_review(hands: Hands, on: date) -> bool:
    """The base of the stories was recognised a year ago: whether it still is what a base has to be is due to be looked at."""
    base = Account.objects.filter(username="hongyuan").order_by("pk").first()
    if base is None:
        return False
    decided = workdays_before(add_months(on, -12) + timedelta(days=1), 1)
    _recognise(hands, int(base.subject_key), decided)
    with transaction.atomic():
        redecide_employer(employer_id=int(base.subject_key), on=on, at=morning(on))  # on the facts of today
    return matters.open_due_reviews(on=on, at=morning(on)) > 0


def _recognise(hands: Hands, employer_id: int, decided: date) -> None:
    """From the counter to the decision, which falls on that day. Raises Refusal."""
    item = item_of(RECOGNITION)
    first = workdays_before(decided, item.publicity_workdays + 6)
    clerk, at = hands.actor("caseworker", first), morning(first)
    matter = matters.start(
        actor=clerk, item_id=item.id, applicant_kind="employer", applicant_id=employer_id, way="on_behalf",
        on=first, at=at,
    )  # fmt: skip
    for row in item.needed(ANSWERS):
        matters.show_original(
            actor=clerk, matter_id=matter.pk, evidence_id=row.id, said="演示：窗口核对原件", on=first, at=at
        )
    matters.hand_in(actor=clerk, matter_id=matter.pk, answers=ANSWERS, on=first, at=at)
    for act, who, later in STEPS:
        day = add_workdays(first, later)
        matters.take(
            actor=hands.actor(who, day),
            matter_id=matter.pk,
            act=act,
            note=FOUND.get(act, ""),
            on=day,
            at=morning(day),
        )
    decider = hands.actor("approver", decided)
    matters.take(actor=decider, matter_id=matter.pk, act="decide", on=decided, at=morning(decided))


def _taken_back() -> list[int]:
    keys = Recovery.objects.order_by("pk").values_list("claim_key", flat=True)
    return [int(key.removeprefix("case:")) for key in keys if key.startswith("case:")]


def _cases(state: str) -> QuerySet[Case]:
    return Case.objects.filter(state=state).order_by("pk")


Incident = Callable[[Hands, date], bool]
INCIDENTS: tuple[tuple[str, Incident], ...] = (
    ("objection_open", objection_open),
    ("objection_answered", objection_answered),
    ("refusal_under_review", refusal_under_review),
    ("claim_back", claim_back),
    ("doubt_found", doubt_found),
    ("low_mark", low_mark),
    ("yearly_review", yearly_review),
)
