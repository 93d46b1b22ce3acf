"""Residents and their facts as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.dates import age
from jiuye.office.casework.queries.found import FoundItem
from jiuye.office.entitlements.states import CLAIM_KINDS
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.queries import PersonCard
from jiuye.office.registry.states import (
    CONTRIBUTION_PAYERS,
    DIFFICULTY_CATEGORIES,
    EDUCATION_LEVELS,
    EMPLOYER_KINDS,
    EMPLOYMENT_KINDS,
    HUKOU_KINDS,
    SEXES,
    STATUS_KINDS,
)
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.common.words import period_words, policy_names
from jiuye.portals.desk.registering.presenting import registration_words

PEOPLE_COLUMNS = (
    Column("name", gettext_lazy("姓名"), heads=True),
    Column("id_number", gettext_lazy("身份证号")),
    Column("age", gettext_lazy("年龄")),
    Column("place", gettext_lazy("常住地")),
    Column("phone", gettext_lazy("手机号")),
)
EMPLOYER_COLUMNS = (
    Column("name", gettext_lazy("名称"), heads=True),
    Column("credit_code", gettext_lazy("统一社会信用代码")),
    Column("kind", gettext_lazy("类型")),
    Column("place", gettext_lazy("所在地")),
)
FACT_COLUMNS = (
    Column("what", gettext_lazy("事项"), heads=True),
    Column("from_day", gettext_lazy("起"), kind="date"),
    Column("until", gettext_lazy("止")),
    Column("source", gettext_lazy("来源")),
)
CONTRIBUTION_COLUMNS = (
    Column("payer", gettext_lazy("缴费方"), heads=True),
    Column("months", gettext_lazy("所属期")),
    Column("base", gettext_lazy("缴费基数"), kind="money"),
    Column("total", gettext_lazy("每月合计"), kind="money"),
    Column("source", gettext_lazy("来源")),
)
FOUND_COLUMNS = (
    Column("policy", gettext_lazy("政策"), heads=True),
    Column("claim", gettext_lazy("享受方式")),
    Column("amount", gettext_lazy("金额"), kind="money"),
)


def people_table(people: Iterable[Person], *, on: date) -> Table:
    """Search results, masked; each opens to its page."""
    rows = [
        {
            "name": Cell(person.masked_name, url=reverse("desk:person", args=[person.pk])),
            "id_number": person.masked_id_number or "—",
            "age": _("%(years)d 岁") % {"years": age(person.birth_date, on)} if person.birth_date else "—",
            "place": content(person.residence_division),
            "phone": person.masked_phone or "—",
        }
        for person in people
    ]
    return Table(
        _("居民"),
        PEOPLE_COLUMNS,
        rows,
        empty_title=_("没有找到"),
        empty_text=_("只在您的管辖范围内查找；身份证号、手机号和统一社会信用代码要写全。"),
    )


def employer_table(employers: Iterable[Employer]) -> Table:
    """Employers that a search found; each opens to its page."""
    rows = [
        {
            "name": Cell(employer.name, url=reverse("desk:employer", args=[employer.pk])),
            "credit_code": employer.credit_code,
            "kind": _(EMPLOYER_KINDS[employer.kind]),
            "place": content(employer.division),
        }
        for employer in employers
    ]
    return Table(_("单位"), EMPLOYER_COLUMNS, rows)


def person_facts(card: PersonCard) -> list[tuple[str, Any]]:
    """The head of one resident's page; protected numbers stand beside it, masked."""
    person = card.person
    years = f" · {_('%(years)d 岁') % {'years': card.age}}" if card.age is not None else ""
    rows = [
        (_("性别"), _(SEXES[person.sex])),
        (_("出生日期"), f"{day(person.birth_date)}{years}"),
        (_("常住地"), content(person.residence_division)),
        (_("户口"), _(HUKOU_KINDS[person.hukou_kind]) if person.hukou_kind else "—"),
        (_("开户行"), person.bank_name or "—"),
        (_("登记来源"), f"{person.source} · {day(person.registered_on)}"),
    ]
    if card.education:
        best = card.education[0]
        rows.insert(4, (_("学历"), f"{_(EDUCATION_LEVELS[best.level])} {best.school}".strip()))
    if card.registration is not None:
        rows.append((_("窗口登记"), registration_words(card.registration)))
    if person.death_date is not None:
        rows.insert(2, (_("死亡日期"), day(person.death_date)))
    return rows


def _last_day(until: date | None) -> str:
    return day(until - timedelta(days=1)) if until is not None else _("至今")


def status_table(card: PersonCard) -> Table:
    """Statuses held on the day first, then those that ended."""
    rows = [
        {
            "what": Cell(
                _(STATUS_KINDS[status.kind]),
                level="good" if status in card.statuses else "",
                note=_(DIFFICULTY_CATEGORIES.get(status.category, status.category))
                if status.category
                else status.document,
            ),
            "from_day": status.start,
            "until": _last_day(status.until),
            "source": status.source,
        }
        for status in [*card.statuses, *card.past_statuses]
    ]
    return Table(_("身份"), FACT_COLUMNS, rows, empty_title=_("没有登记身份"))


def employment_table(card: PersonCard, me: Actor) -> Table:
    """Jobs, the newest first; an employer of one's divisions opens to its page."""
    rows = [
        {
            "what": Cell(
                spell.employer.name if spell.employer else _(EMPLOYMENT_KINDS[spell.kind]),
                url=reverse("desk:employer", args=[spell.employer.pk])
                if spell.employer and me.may("registry.see", spell.employer.division_id)
                else "",
                level="good" if spell in card.current_employment else "",
                note=_(EMPLOYMENT_KINDS[spell.kind]) if spell.employer else spell.ended_because,
            ),
            "from_day": spell.start,
            "until": _last_day(spell.until),
            "source": spell.source,
        }
        for spell in card.employment
    ]
    return Table(_("就业经历"), FACT_COLUMNS, rows, empty_title=_("没有就业登记"))


def contribution_table(card: PersonCard) -> Table:
    """Social insurance paid, the newest first."""
    rows = [
        {
            "payer": Cell(
                _(CONTRIBUTION_PAYERS[spell.payer]), note=spell.employer.name if spell.employer else ""
            ),
            "months": f"{spell.start:%Y-%m} – {_months_end(spell.until)}",
            "base": spell.base_fen,
            "total": spell.pension_fen
            + spell.medical_fen
            + spell.unemployment_fen
            + spell.injury_fen
            + spell.maternity_fen,
            "source": spell.source,
        }
        for spell in card.contributions
    ]
    return Table(_("参保缴费"), CONTRIBUTION_COLUMNS, rows, empty_title=_("没有参保缴费记录"))


def _months_end(until: date | None) -> str:
    return f"{until - timedelta(days=1):%Y-%m}" if until is not None else _("至今")


def entitlement_table(items: Iterable[FoundItem]) -> Table:
    """What the resident is entitled to and does not draw."""
    found = list(items)
    names = policy_names(item.policy_id for item in found)
    rows = [
        {
            "policy": Cell(
                names[item.policy_id],
                url=reverse("desk:found_one", args=[item.entitlement_id]),
                note=period_words(item),
            ),
            "claim": _(CLAIM_KINDS[item.claim]),
            "amount": item.amount_fen,
        }
        for item in found
    ]
    return Table(_("应享未享"), FOUND_COLUMNS, rows, empty_title=_("没有应享未享"))
