"""Forms posted at the same moment: by an impatient person, and by two officers on one case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case, CaseEvent
from tests.office.casework.conftest import DAY, at, make_officer

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20
NOTICE = re.compile(r'<div class="notice notice--\w+">.*?<p>(.*?)</p></div>', re.DOTALL)


@pytest.fixture
def case(owner, entitlement, rules) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def posted_at_once(posts: list[tuple[Client, str, dict[str, str]]]) -> list[tuple[int, str]]:
    """Each from a thread and a connection of its own, all begun together: status, and the notices of the page then shown.

    They are read from the page itself: `response.context` of Django's client is filled by a signal that every thread hears.
    """
    start = Barrier(len(posts))
    answers: list[tuple[int, str]] = [(0, "")] * len(posts)

    def run(place: int) -> None:
        client, address, fields = posts[place]
        start.wait()
        try:
            answer = client.post(address, fields, follow=True)
            answers[place] = (answer.status_code, " ".join(NOTICE.findall(answer.text)))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[place]) for place in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    return answers


def test_the_same_form_posted_twenty_times_at_once_acts_once_and_says_so_nineteen_times(
    desk_of: Callable[..., Client], caseworker, case
):
    address = f"/desk/cases/{case.pk}/acts/accept/"
    answers = posted_at_once([(desk_of(caseworker), address, {}) for _ in range(TIMES)])
    assert {status for status, _ in answers} == {200}
    said = Counter("done" if "已办理。" in words else words for _, words in answers)
    assert said.pop("done") == 1
    assert sum(said.values()) == TIMES - 1
    assert all("没有重复办理" in words for words in said)
    assert CaseEvent.objects.filter(case=case, act="accept").count() == 1


def test_a_confirmation_posted_twenty_times_at_once_opens_one_case(
    desk_of: Callable[..., Client], caseworker, entitlement
):
    address = f"/desk/found/{entitlement.pk}/confirm/"
    answers = posted_at_once([(desk_of(caseworker), address, {"note": "窗口委托"}) for _ in range(TIMES)])
    assert {status for status, _ in answers} == {200}
    assert Case.objects.count() == 1
    assert CaseEvent.objects.filter(act="confirm_on_behalf").count() == 1


def test_of_two_officers_on_one_case_one_acts_and_the_other_reads_what_it_now_is(
    desk_of: Callable[..., Client], caseworker, reviewer, case
):
    """One takes the case on while the others send it back and refuse it; whichever comes first, the events lead to where it stands.

    Who comes too late reads that, and gets back what was typed: as 422, so that no form is taken for done (`portals/common/typed.py`).
    """
    other = make_officer("李经办二", "caseworker")
    base = f"/desk/cases/{case.pk}/acts"
    posts: list[tuple[Client, str, dict[str, str]]] = [
        (desk_of(caseworker), f"{base}/accept/", {}),
        (desk_of(other), f"{base}/request_correction/", {"c-clause:insured": "缺缴费凭证"}),
        (desk_of(reviewer), f"{base}/refuse/", {"clause": "insured", "note": "没有缴费"}),
    ]
    answers = posted_at_once(posts)
    for (_, _, typed), (status, words) in zip(posts, answers, strict=True):
        assert status == (422 if typed and "已办理。" not in words else 200), answers
    case.refresh_from_db()
    events = list(CaseEvent.objects.filter(case=case).order_by("pk"))
    for before, after in pairwise(events):
        assert before.to_state == after.from_state
    assert events[-1].to_state == case.state
    done = sum("已办理。" in words for _, words in answers)
    assert done == len(events) - 1
    assert all("已办理。" in words or "现在是" in words for _, words in answers), answers
