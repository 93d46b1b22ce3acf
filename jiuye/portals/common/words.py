"""Words of the office as the desk shows them, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext

from jiuye.office.casework.models import Case, CaseEvent, NoticeProof
from jiuye.office.casework.notices import is_sound
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.queries.one import Holder
from jiuye.office.casework.rules import UnknownPolicyError
from jiuye.office.casework.states import ACT_NAMES, HOLDERS, STATE_LEVELS, label
from jiuye.office.conduct.deadlines import deadlines, light
from jiuye.office.funds.models.undoing import Undoable
from jiuye.office.staff.access import access
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.components import Cell
from jiuye.portals.common.templatetags.jiuye import content, day, moment


def policy_name(case: Case) -> str:
    """The policy's name as the case keeps it."""
    return content(case, "policy_name")


def audience_of(me: Actor) -> str:
    """In whose words an officer reads states: an auditor's say what was done, a case worker's what waits to be done."""
    return "auditor" if "auditor" in me.roles else "caseworker"


def state_cell(state: str, audience: str = "caseworker") -> Cell:
    """A state as a light with its word for that audience."""
    return Cell(gettext(label(state, audience)), level=STATE_LEVELS[state])


def act_name(event: CaseEvent) -> str:
    return gettext(ACT_NAMES[event.act])


def holder_words(holder: Holder) -> str:
    """扬州市广陵区 · 审核人员."""
    role = gettext(ROLES.get(holder.role) or HOLDERS[holder.role])
    return f"{holder.division_name} · {role}" if holder.division_name else role


def period_words(case_or_found: object) -> str:
    """2025年4月1日至2025年6月30日: the last day is shown, where the record keeps the day after it."""
    start = getattr(case_or_found, "period_start", None)
    until = getattr(case_or_found, "period_until", None)
    if start is None and until is None:
        return gettext("一次性")
    last = day(until - timedelta(days=1)) if until is not None else ""
    return f"{day(start)} – {last}" if start is not None else last


def policy_names(policy_ids: Iterable[str]) -> dict[str, str]:
    """The names of these policies by id, each looked up once; a policy that the pack has no more keeps its id."""
    book = rules()
    names = {}
    for policy_id in set(policy_ids):
        try:
            names[policy_id] = content(book.terms(policy_id))
        except UnknownPolicyError:
            names[policy_id] = policy_id
    return names


def policy_words(policy_id: str) -> str:
    """One policy's name."""
    return policy_names([policy_id])[policy_id]


def due_cell(
    due_on: date | None,
    on: date,
    *,
    with_applicant: bool = False,
    stopped: bool = False,
    soon_workdays: int | None = None,
) -> Cell:
    """A deadline with a light and its word: late, due today, soon, in time; a dash where nothing is awaited.

    What is with its applicant shows the applicant's day, and no light of the office's; what was objected to shows no day.
    """
    shown = light(due_on, on, with_applicant=with_applicant, stopped=stopped, soon_workdays=soon_workdays)
    if shown.kind == "none":
        return Cell("—")
    words = {
        "applicant": gettext("等本人补正"),
        "stopped": gettext("异议处理中，停止计时"),
        "in_time": gettext("按期"),
        "today": gettext("今天到期"),
        "late": gettext("逾期"),
    }.get(shown.kind, "")
    if shown.kind == "soon":
        words = gettext("还剩 %(days)d 个工作日") % {"days": shown.workdays}
    elif shown.kind == "late" and shown.workdays:
        words = gettext("逾期 %(days)d 个工作日") % {"days": shown.workdays}
    return Cell(words, level=shown.level, note="" if shown.kind == "stopped" else day(due_on))


def kept_cell(kept_at: datetime | None) -> Cell:
    """When a draft was last saved, and the day after which it goes if nobody goes on with it; a dash where it never was."""
    if kept_at is None:
        return Cell("—")
    gone = day(kept_at + timedelta(days=access().retention["unsubmitted_matters"].days))
    return Cell(moment(kept_at), note=gettext("没有再填的，%(day)s 后删除") % {"day": gone})


def service_due(due_on: date | None, on: date) -> Cell:
    """The light of a promised service; where no document on file sets a term for it, that."""
    if due_on is None:
        return Cell(gettext("没有规定期限"))
    return due_cell(due_on, on, soon_workdays=deadlines().soon_service_workdays)


def notice_words(proofs: Iterable[NoticeProof]) -> list[tuple[str, str]]:
    """The kept proof of each public notice: from when to when it stood, and the digest of what it showed."""
    rows = []
    for proof in proofs:
        early = proof.taken_down_on is not None and proof.taken_down_on < proof.until
        last = proof.taken_down_on if early else proof.until - timedelta(days=1)
        state = gettext("指纹相符") if is_sound(proof) else gettext("指纹不符")
        stood = f"{day(proof.first_day)} – {day(last)}"
        rows.append((gettext("公示存证"), f"{stood} · {state} · SHA-256 {proof.digest[:16]}…"))
    return rows


def undone_words(row: Undoable) -> str:
    """That an entry was taken back, when, and why; empty where it stands."""
    if row.undone_on is None:
        return ""
    return gettext("已撤销，不再计算：%(day)s，%(reason)s") % {
        "day": day(row.undone_on),
        "reason": row.undone_because,
    }
