"""A resident's lists and questions as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.casework.models import Case
from jiuye.office.casework.states import STATE_LEVELS, label
from jiuye.office.entitlements.queries import Question
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, english
from jiuye.portals.common.words import period_words, policy_name

CASE_COLUMNS = (
    Column("policy", gettext_lazy("待遇"), heads=True),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("state", gettext_lazy("进度")),
    Column("confirmed", gettext_lazy("确认日期"), kind="date"),
)


@dataclass(frozen=True, slots=True)
class QuestionField:
    """One question as a small form: two buttons for yes or no, a list for a choice, else one field."""

    entity: str
    subject_key: str
    fact: str
    ask: str
    kind: str
    options: tuple[tuple[str, str], ...]
    policies: tuple[str, ...]

    @property
    def input_type(self) -> str:
        return {"date": "date", "month": "month"}.get(self.kind, "text")

    @property
    def hint(self) -> str:
        return {"money": _("以元为单位，最多两位小数"), "number": _("只填数字")}.get(self.kind, "")


def question_field(question: Question) -> QuestionField:
    """The question in the language of the page, with the names of the policies it would settle."""
    missing = question.missing
    ask = (missing.ask_en if english() else "") or missing.ask
    options = question.options
    if english():
        options = tuple((key, key.replace("_", " ")) for key, _label in options)
    return QuestionField(
        entity=question.entity,
        subject_key=question.subject_key,
        fact=missing.path,
        ask=ask,
        kind=question.kind,
        options=options,
        policies=tuple(content(policy, "label") for policy in question.waiting),
    )


def case_rows(cases: Iterable[Case]) -> Table:
    """Cases in the applicant's words."""
    rows = [
        {
            "policy": Cell(
                policy_name(case), url=reverse("resident:case", args=[case.pk]), note=period_words(case)
            ),
            "amount": case.amount_fen,
            "state": Cell(_(label(case.state, "applicant")), level=STATE_LEVELS[case.state]),
            "confirmed": case.confirmed_on,
        }
        for case in cases
    ]
    return Table(
        _("我的办件"),
        CASE_COLUMNS,
        rows,
        empty_title=_("还没有办件"),
        empty_text=_("在“我能享受的”里确认一项，就会在这里看到进度。"),
    )


def amount_facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    """What the amount was computed from, each with its document."""
    return [
        (
            content(value, "label"),
            content(value, "shown") + (f"（{value['source']}）" if value["source"] else ""),
        )
        for value in told.get("amount_values", [])
    ]
