"""The calculator's page: questions one after the other, answers that travel with the form, nothing kept anywhere."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from jiuye.office.entitlements.models import Answer, Entitlement

pytestmark = pytest.mark.django_db
ADDRESS = "/calculator/"
UNEMPLOYED = "situation=unemployed-registered"


@pytest.fixture(autouse=True)
def on_a_day_of_the_plan(settings):
    settings.OFFICE_DATE = "2025-09-15"


def page(client: Client, **sent) -> str:
    response = client.post(ADDRESS, sent)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def given(text: str) -> list[str]:
    """The answers that the page would send on from its question."""
    form = text[text.index("calc__question") :] if "calc__question" in text else text
    return re.findall(r'name="given" value="([^"]*)"', form.split("</form>")[0])


def question(text: str) -> str:
    found = re.search(r'name="question" value="([^"]*)"', text)
    return found.group(1) if found else ""


def test_a_visitor_begins_with_a_question_and_gets_no_cookie(client):
    response = client.get(ADDRESS)
    text = html.unescape(response.content.decode())
    assert question(text) == "situation"
    assert "不留记录" in text
    assert not response.cookies


def test_an_answer_travels_with_the_form_and_nothing_is_kept(client):
    response = client.post(ADDRESS, {"question": "situation", "value": "unemployed-registered"})
    text = html.unescape(response.content.decode())
    assert given(text) == [UNEMPLOYED]
    assert question(text) not in ("", "situation")
    assert not response.cookies
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert (Answer.objects.count(), Session.objects.count(), Entitlement.objects.count()) == (0, 0, 0)


def test_what_is_settled_is_said_at_once_with_its_reason(client):
    text = page(client, question="situation", value="retired")
    assert "刚刚确定" in text
    assert "未满足：" in text


def test_i_do_not_know_is_an_answer(client):
    text = page(client, given=[UNEMPLOYED], question="involuntary_end", unsure="1")
    assert given(text) == [UNEMPLOYED, "involuntary_end=?"]
    assert "不清楚" in text


def test_back_shows_the_last_answer_again_and_keeps_the_others(client):
    text = page(client, given=[UNEMPLOYED, "involuntary_end=false"], back="1")
    assert question(text) == "involuntary_end"
    assert 'value="false" aria-pressed="true"' in text


def test_an_answer_can_be_changed_and_then_overrules_what_was_said_before(client):
    text = page(client, given=[UNEMPLOYED, "involuntary_end=false"], change="situation")
    assert question(text) == "situation"
    text = page(client, given=[UNEMPLOYED, "involuntary_end=false"], question="situation", value="retired")
    assert given(text) == ["involuntary_end=false", "situation=retired"]


def test_an_answer_that_does_not_fit_is_refused_where_it_was_given(client):
    sent = {"given": [UNEMPLOYED], "question": "unemployment_premium_months", "value": "很久"}
    response = client.post(ADDRESS, sent)
    assert response.status_code == 422
    text = html.unescape(response.content.decode())
    assert "“很久”不能作为这个问题的回答" in text
    assert (question(text), given(text)) == ("unemployment_premium_months", [UNEMPLOYED])


def test_what_the_page_never_sent_is_passed_over(client):
    text = page(
        client, given=["no-such=1", "situation=king", "=", UNEMPLOYED, "x"], question="none", value="1"
    )
    assert given(text) == [UNEMPLOYED]


def test_the_language_changes_in_the_middle_and_the_answers_stay(client):
    response = client.post(ADDRESS, {"given": [UNEMPLOYED], "stay": "1", "language": "en"})
    text = html.unescape(response.content.decode())
    assert given(text) == [UNEMPLOYED]
    assert "Your answers" in text
    assert 'lang="en"' in text
    assert set(response.cookies) == {"django_language"}


def test_large_type_is_set_in_the_middle_and_the_answers_stay(client):
    response = client.post(ADDRESS, {"given": [UNEMPLOYED], "stay": "1", "name": "size", "value": "large"})
    text = response.content.decode()
    assert 'data-size="large"' in text
    assert given(text) == [UNEMPLOYED]
    assert set(response.cookies) == {"jiuye_size"}


def test_another_audience_that_the_pack_does_not_know_is_not_found(client):
    assert client.get(f"{ADDRESS}martian/").status_code == 404


def test_an_unemployed_person_who_answers_everything_is_told_the_amount(client):
    """Laid off after ten years, nothing drawn: the benefit with its amount, and no more questions about it."""
    text = page(
        client,
        given=[
            UNEMPLOYED, "matters=", "education=below", "involuntary_end=true", "unemployment_premium_months=130",
            "unemployment-insurance=never", "contribution_base_mean_12m=6000", "county=guangling", "looking=",
        ],
        stay="1",
    )  # fmt: skip
    assert "失业保险金" in text[text.index('id="group-yes"') :]
    assert "￥" in text or "¥" in text


def test_the_page_is_linked_where_people_arrive(client):
    for address in ("/login/", "/notice/"):
        assert f'href="{ADDRESS}"' in client.get(address).content.decode()


def test_the_day_of_the_office_decides(client, settings):
    settings.OFFICE_DATE = date(1990, 1, 1).isoformat()
    assert "0 项政策" in page(client, question="situation", value="retired")


EMPLOYER = f"{ADDRESS}employer/"
FIRM = [
    "employer-kind=micro", "matters=", "standing=operating,insured,premiums,no-layoffs", "taxes=six", "staff-year=more",
]  # fmt: skip


def test_what_an_employer_owes_is_a_duty_and_no_benefit_and_a_relief_is_said_to_be_one(client):
    sent = {"given": [*FIRM, "staff_last_year=40", "mean_wage_last_year=60000", "wage_above_levy_cap=false",
                      "six_taxes_due_quarter=1000"], "stay": "1"}  # fmt: skip
    text = html.unescape(client.post(EMPLOYER, sent).content.decode())
    benefits = text[text.index('id="group-yes"') : text.index('id="group-duty"')]
    duties = text[text.index('id="group-duty"') :].split("</section>")[0]
    assert "残疾人就业保障金（应缴）" in duties
    assert "应缴或应付" in duties
    assert "残疾人就业保障金（应缴）" not in benefits
    relief = benefits[benefits.index("六税两费减征") :].split("</article>")[0]
    assert "可减免" in relief
    assert "减免，申报时享受" in relief
    assert "免申即享" not in relief


def test_a_loan_that_nobody_asked_for_is_no_refusal(client):
    text = html.unescape(client.post(EMPLOYER, {"given": FIRM, "stay": "1"}).content.decode())
    unwanted = text[text.index('id="group-unwanted"') :].split("</section>")[0]
    assert "富民创业担保贷款（小微企业）" in unwanted
    assert "想要时可以申请" in unwanted


def figures(text: str) -> list[str]:
    return re.findall(r'name="value-([^"]+)"', text)


def test_the_figures_that_are_left_are_asked_on_one_page_and_what_is_left_empty_is_not_known(client):
    text = html.unescape(client.post(EMPLOYER, {"given": FIRM, "stay": "1"}).content.decode())
    asked = figures(text)
    assert len(asked) > 1
    assert "不清楚的留空" in text
    sent = {"given": FIRM, "question": asked} | {f"value-{name}": "" for name in asked}
    sent["value-six_taxes_due_quarter"] = "1000"
    answered = html.unescape(client.post(EMPLOYER, sent).content.decode())
    told = re.findall(r'name="given" value="([^"]*)"', answered)
    assert "six_taxes_due_quarter=1000" in told
    assert {f"{name}=?" for name in asked if name != "six_taxes_due_quarter"} <= set(told)


def test_one_figure_that_does_not_fit_is_said_at_its_field_and_the_others_stay_typed(client):
    asked = figures(html.unescape(client.post(EMPLOYER, {"given": FIRM, "stay": "1"}).content.decode()))
    good = next(name for name in asked if name != "six_taxes_due_quarter")
    sent = {"given": FIRM, "question": asked, "value-six_taxes_due_quarter": "很多", f"value-{good}": "12"}
    response = client.post(EMPLOYER, sent)
    assert response.status_code == 422
    text = html.unescape(response.content.decode())
    assert "“很多”不能作为这个问题的回答" in text
    assert figures(text) == asked
    assert re.search(r'value="12"', text)
    assert set(re.findall(r'name="given" value="([^"]*)"', text)) == set(FIRM), "none of the page is taken"
