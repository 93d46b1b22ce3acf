"""Matters and lists of matters as the design system's components, for officers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.rules.values import show_value
from jiuye.office.conduct.deadlines import last_day_of_review
from jiuye.office.conduct.work import Work
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.matters.models import Matter, PromisedService, Review
from jiuye.office.matters.queries import CountyServices, MatterView
from jiuye.office.matters.states import WAYS
from jiuye.portals.common.authorities import speaker_facts
from jiuye.portals.common.components import ActButton, Cell, Column, Table
from jiuye.portals.common.matters import item_name, sources_of, state_of
from jiuye.portals.common.templatetags.jiuye import content, day, english
from jiuye.portals.common.words import due_cell, kept_cell, notice_words, service_due
from jiuye.portals.desk.work.presenting import WHOSE_COLUMN

COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("applicant", gettext_lazy("申请人")),
    Column("item", gettext_lazy("事项")),
    Column("state", gettext_lazy("状态")),
    Column("due", gettext_lazy("本环节期限")),
)
OWED_COLUMNS = (
    Column("applicant", gettext_lazy("服务对象"), heads=True),
    Column("service", gettext_lazy("服务")),
    Column("done", gettext_lazy("已提供")),
    Column("since", gettext_lazy("登记日期"), kind="date"),
    Column("due", gettext_lazy("最迟提供")),
)
COUNTY_COLUMNS = (
    Column("county", gettext_lazy("县（市、区）"), heads=True),
    Column("promised", gettext_lazy("承诺"), kind="number"),
    Column("given", gettext_lazy("已提供"), kind="number"),
    Column("closed", gettext_lazy("未提供，已了结"), kind="number"),
    Column("owed", gettext_lazy("还欠"), kind="number"),
    Column("late", gettext_lazy("逾期")),
    Column("termless", gettext_lazy("没有规定期限"), kind="number"),
)
DRAFT_COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("applicant", gettext_lazy("申请人")),
    Column("item", gettext_lazy("事项")),
    Column("who", gettext_lazy("谁开始填的")),
    Column("kept", gettext_lazy("最后保存")),
)
REVIEW_COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("applicant", gettext_lazy("申请人")),
    Column("item", gettext_lazy("事项")),
    Column("due", gettext_lazy("复核日")),
)
ACT_KINDS = {"refuse": "danger", "end": "danger", "request_correction": "secondary", "withdraw": "quiet"}
ACT_KEYS = {"accept": "a", "check": "a", "review": "a", "publicise": "a", "decide": "a"}
ACT_KEYS |= {"request_correction": "c", "refuse": "x", "withdraw": "w"}
ACT_HELP = {
    "check": gettext_lazy("写明到了哪里、见到谁、看到什么。"),
    "decide": gettext_lazy("办结后自动登记有关身份。按登记信息不符合的，要写明据以办结的材料。"),
    "refuse": gettext_lazy("指明不符合的条件并写明理由；本人会看到条件原文和救济途径。"),
    "request_correction": gettext_lazy("一次说全：在有问题的那一项后面写明问题；本人会逐项看到。"),
    "withdraw": gettext_lazy("写明本人撤回的原因。"),
    "end": gettext_lazy("选一种情形、写明理由；由此登记的身份自那一天起终止，本人会看到理由和救济途径。"),
    "publicise": gettext_lazy("公示按工作日计算，当日不计入；期满才能办结。"),
}
WITH_WORDS = ("check", "decide", "withdraw")


def act_buttons(view: MatterView) -> list[ActButton]:
    """The acts of this actor on this matter; handing in and putting right happen in the form."""
    return [
        ActButton(
            act=row.act,
            label=_(row.button),
            key=ACT_KEYS.get(row.act, ""),
            kind=ACT_KINDS.get(row.act, "primary"),
            url=reverse("desk:matter_act", args=[view.matter.pk, row.act]),
            dialog=row.act not in ("accept", "review"),
            words=row.act in WITH_WORDS,
            needs_words=row.needs_note,
            question=_("%(act)s这件事项？") % {"act": _(row.button)},
            help=str(ACT_HELP.get(row.act, "")),
        )
        for row in view.acts
        if row.act not in ("submit", "correct")
    ]


def matter_table(
    matters: Iterable[Matter],
    *,
    on: date,
    caption: str,
    empty: str,
    hint: str = "",
    holders: Mapping[Work, Cell] | None = None,
    audience: str = "caseworker",
) -> Table:
    """Matters as rows, each opening to its page; with `holders` also whose each is."""
    rows = [
        {
            "number": Cell(matter.number, url=reverse("desk:matter", args=[matter.pk])),
            "applicant": matter.masked_applicant,
            "item": item_name(matter),
            "state": state_of(matter, audience),
            "due": due_cell(matter.due_on, on, with_applicant=matter.state == "correction_requested"),
            **({"whose": holders[matter]} if holders is not None else {}),
        }
        for matter in matters
    ]
    columns = COLUMNS if holders is None else (*COLUMNS, WHOSE_COLUMN)
    return Table(caption, columns, rows, empty_title=empty, empty_text=hint)


def draft_table(drafts: Iterable[Matter]) -> Table:
    """What was begun at the counter and not handed in, each opening to its form, with the day on which it goes if nobody goes on with it."""
    rows = [
        {
            "number": Cell(draft.number, url=reverse("desk:fill_matter", args=[draft.pk])),
            "applicant": draft.masked_applicant,
            "item": item_name(draft),
            "who": Cell(draft.begun_by or "—", note=_(WAYS[draft.way])),
            "kept": kept_cell(draft.kept_at),
        }
        for draft in drafts
    ]
    return Table(
        _("窗口草稿"),
        DRAFT_COLUMNS,
        rows,
        empty_title=_("没有没提交的草稿"),
        empty_text=_("在窗口替人填的表，填一项存一项；没有提交的都在这里。"),
    )


def review_table(reviews: Iterable[Review], *, on: date, caption: str = "") -> Table:
    """Reviews that wait for an answer, each opening to its matter."""
    rows = [
        {
            "number": Cell(review.matter.number, url=reverse("desk:matter", args=[review.matter_id])),
            "applicant": review.matter.masked_applicant,
            "item": item_name(review.matter),
            "due": due_cell(last_day_of_review(review.due_on), on),
        }
        for review in reviews
    ]
    return Table(caption or _("到期复核"), REVIEW_COLUMNS, rows, empty_title=_("没有到期的复核"))


def looks_of(view: MatterView) -> list[tuple[str, str]]:
    """What a review looks at, in words."""
    enums = rulebook().pack.vocabulary.enums
    lang = "en" if english() else "zh"
    return [
        (
            now.fact.label_en if english() else now.fact.label,
            show_value(now.value, now.fact.type, enums, lang),
        )
        for now in view.looks
    ]


def end_reasons(view: MatterView) -> list[tuple[str, str]]:
    """For which reasons what was granted may end, in words."""
    how = view.item.ends
    return [(key, en if english() else zh) for key, zh, en in how.reasons] if how is not None else []


def asks_contract_day(view: MatterView) -> bool:
    """True where a reason for ending says that the trainee was taken on, so that the contract's first day is asked."""
    how = view.item.ends
    return how is not None and "retained" in dict(how.outcomes).values()


def owed_table(promises: Iterable[PromisedService], *, on: date, caption: str = "", empty: str = "") -> Table:
    """Promised services that are still owed, each opening to where one is put on record."""
    rows = [
        {
            "applicant": Cell(
                promise.matter.masked_applicant,
                url=f"{reverse('desk:matter', args=[promise.matter_id])}#promised",
                note=_work_found(promise),
            ),
            "service": Cell(content(promise), note=item_name(promise.matter)),
            "done": _("%(done)d / %(times)d 次") % {"done": _done(promise), "times": promise.times},
            "since": promise.matter.decided_on,
            "due": service_due(promise.due_on, on),
        }
        for promise in promises
    ]
    empty = empty or _("承诺的服务都已提供")
    return Table(caption or _("还欠的服务"), OWED_COLUMNS, rows, empty_title=empty)


def services_table(counties: Iterable[CountyServices]) -> Table:
    """What was promised and what of it is late, county by county; a service owed several times is one."""
    rows = [
        {
            "county": row.name,
            "promised": row.promised,
            "given": row.given,
            "closed": row.closed,
            "owed": row.owed,
            "late": Cell(_("逾期 %(late)d 项") % {"late": row.late}, level="bad")
            if row.late
            else Cell(_("没有逾期"), level="good"),
            "termless": row.without_term,
        }
        for row in counties
    ]
    return Table(_("各县（市、区）承诺的服务"), COUNTY_COLUMNS, rows, empty_title=_("还没有承诺过服务"))


def _work_found(promise: Any) -> str:
    """That the registry shows work since, from the query (`with_work`): whoever no longer needs the service is so proposed for closing."""
    if getattr(promise, "work_since", None) is None:
        return ""
    words = _("登记显示 %(day)s 起已就业（%(source)s）；不再需要的，请点开了结。")
    return words % {"day": day(promise.work_since), "source": promise.work_source}


def _done(promise: Any) -> int:
    return int(promise.done)  # counted by the query


def matter_facts(view: MatterView) -> list[tuple[str, Any]]:
    """What stands at the head of the page."""
    matter = view.matter
    rows = [
        (_("申请人"), matter.masked_applicant),
        (_("所在区划"), view.division_name),
        (_("申请方式"), _(WAYS[matter.way])),
        (_("提交日期"), day(matter.submitted_on)),
        (_("承诺办结"), day(matter.promised_on)),
    ]
    if matter.stopped_on is not None and matter.promised_workdays_left is not None:
        words = (
            _("自 %(day)s 起停止计时，异议处理后再计 %(left)d 个工作日")
            if matter.state == "publicised"
            else _("自 %(day)s 起停止计时，补正后再计 %(left)d 个工作日")
        )
        rows.append(
            (_("计时"), words % {"day": day(matter.stopped_on), "left": matter.promised_workdays_left})
        )
    if view.in_hand is not None:
        held = _("%(name)s，%(since)s 起") % {"name": view.in_hand.name, "since": day(view.in_hand.since)}
        rows.append((_("承办"), held))
    if view.item.task:
        rows.append((_("任务"), view.item.task))
    rows += [(_("依据"), words) for words in sources_of(view)]
    if matter.proxy:
        rows.append((_("代办人及委托证明"), matter.proxy))
    rows += speaker_facts(matter)
    if matter.publicity_start is not None:
        rows.append((_("公示"), f"{day(matter.publicity_start)} – {day(view.notice_last_day)}"))
    rows += notice_words(view.notices)
    if matter.accepted_by is not None:
        rows.append((_("受理人"), matter.accepted_by.display_name))
    if matter.decided_by is not None:
        rows.append((_("决定"), f"{day(matter.decided_on)} · {matter.decided_by.display_name}"))
    if matter.review_on is not None:
        rows.append((_("下次复核"), day(matter.review_on)))
    return rows
