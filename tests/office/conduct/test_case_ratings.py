"""好差评 of cases: the form on the recipient's page, the answer on the desk, by somebody who had no hand in the case."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations as casework
from jiuye.office.casework.models import Case
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Rating
from jiuye.office.conduct.operations import NothingToRateError, TookPartError
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import (  # noqa: F401 (fixtures by name)
    DAY,
    at,
    caseworker,
    entitlement,
    make_officer,
    make_person,
    owner,
    person,
    reviewer,
    rules,
)
from tests.office.matters.conftest import resident


@pytest.fixture
def confirmed(owner, entitlement, rules) -> Case:  # noqa: F811
    return casework.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


@pytest.fixture
def refused(confirmed, caseworker, reviewer, rules) -> Case:  # noqa: F811
    casework.accept(actor=caseworker, case_id=confirmed.pk, on=DAY, at=at(DAY))
    return casework.refuse(
        actor=reviewer,
        case_id=confirmed.pk,
        clause_id="insured",
        note="三月没有缴费记录",
        rules=rules,
        on=DAY,
        at=at(DAY),
    )


def rate(actor, case: Case) -> Rating:
    return operations.rate(
        actor=actor, case_id=case.pk, level="unsatisfied", words="没有人打电话", on=DAY, at=at(DAY)
    )


def test_a_case_under_way_and_somebody_elses_case_are_not_marked(confirmed, owner):  # noqa: F811
    with pytest.raises(NothingToRateError):
        rate(owner, confirmed)
    assert not queries.may_be_rated(confirmed)


def test_only_its_recipient_marks_a_refused_case_and_once(refused, owner):  # noqa: F811
    other = resident(make_person("李桂英", number="321002197803050045"))
    with pytest.raises(NothingToRateError):
        rate(other, refused)
    rating = rate(owner, refused)
    assert rating.answer_due == date(2025, 6, 16)  # 10, 11, 12, 13, 16 June
    assert queries.rating_of(refused) == rating


def test_whoever_reviewed_the_case_does_not_answer_for_it(refused, owner, reviewer, caseworker):  # noqa: F811
    rating = rate(owner, refused)
    assert list(queries.unanswered(reviewer)) == [rating]
    for actor, refusal in ((reviewer, TookPartError), (caseworker, NotPermittedError)):
        with pytest.raises(refusal):
            operations.answer(actor=actor, rating_id=rating.pk, words="已核实", on=DAY, at=at(DAY))


def test_a_low_mark_is_answered_from_page_to_page(client, refused, owner, settings):  # noqa: F811
    settings.OFFICE_DATE = DAY.isoformat()
    client.force_login(Account.objects.get(pk=owner.account_id))
    page = f"/my/cases/{refused.pk}/"
    assert "这件事办得怎么样" in client.get(page).text
    assert "五档里选一档" in client.post(f"{page}rate/", {"level": "best"}, follow=True).text
    assert (
        "我们最迟在"
        in client.post(f"{page}rate/", {"level": "unsatisfied", "words": "没有人打电话"}, follow=True).text
    )
    rating = Rating.objects.get()
    client.force_login(Account.objects.get(pk=make_officer("区审核二", "reviewer").account_id))
    assert refused.number in client.get("/desk/ratings/").text
    assert "没有人打电话" in client.get(f"/desk/ratings/{rating.pk}/").text
    client.post(f"/desk/ratings/{rating.pk}/answer/", {"words": "已安排回访"})
    client.force_login(Account.objects.get(pk=owner.account_id))
    after = client.get(page).text
    assert "已安排回访" in after
    assert "这件事办得怎么样" not in after
