"""Policies, drafts, versions and publications as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.basis.problems import Problem
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.parameters import ELSE, entry_on
from jiuye.engine.rules.policies import EFFECTS, Policy
from jiuye.engine.rules.values import show_value
from jiuye.office.entitlements.states import CLAIM_KINDS
from jiuye.office.policies.models import Draft, PolicyVersion, Publication, Simulation
from jiuye.office.policies.queries import Ending, OnePolicy, PolicyRow
from jiuye.office.policies.states import REVIEW_VERDICTS
from jiuye.portals.common.components import Cell, Column, Step, Table
from jiuye.portals.common.templatetags.jiuye import content, day, english
from jiuye.portals.workbench.problems import Note, note_of
from jiuye.portals.workbench.words import EVIDENCE_WORDS, force_words, period_words, state_cell

MOST_NAMED = 3  # policies named in one line; the others are counted
SOON_DAYS = 14
POLICY_COLUMNS = (
    Column("name", gettext_lazy("政策"), heads=True),
    Column("task", gettext_lazy("任务"), kind="number"),
    Column("force", gettext_lazy("施行期")),
    Column("period", gettext_lazy("计发")),
    Column("version", gettext_lazy("规则版本")),
    Column("state", gettext_lazy("情况")),
)
DRAFT_COLUMNS = (
    Column("title", gettext_lazy("草案"), heads=True),
    Column("author", gettext_lazy("起草人")),
    Column("state", gettext_lazy("状态")),
    Column("changed", gettext_lazy("最近修改"), kind="moment"),
)
VERSION_COLUMNS = (
    Column("version", gettext_lazy("规则版本"), heads=True),
    Column("kept", gettext_lazy("开始使用"), kind="moment"),
    Column("files", gettext_lazy("文件数"), kind="number"),
)
PUBLICATION_COLUMNS = (
    Column("title", gettext_lazy("公布的草案"), heads=True),
    Column("effective", gettext_lazy("施行日期"), kind="date"),
    Column("state", gettext_lazy("情况")),
    Column("people", gettext_lazy("起草 / 审核 / 公布")),
)
SIMULATION_COLUMNS = (
    Column("made", gettext_lazy("测算时间"), kind="moment", heads=True),
    Column("columns_on", gettext_lazy("数据日期"), kind="date"),
    Column("drafts", gettext_lazy("草案")),
    Column("seconds", gettext_lazy("用时（秒）"), kind="number"),
)


def policy_table(rows: Sequence[PolicyRow], on: date) -> Table:
    """Every policy, by task of the plan."""
    return Table(
        _("现行政策"),
        POLICY_COLUMNS,
        [
            {
                "name": Cell(
                    content(row.policy, "label"),
                    url=reverse("workbench:policy", args=[row.policy.id]),
                    note=row.policy.id,
                ),
                "task": row.policy.task,
                "force": force_words(row.policy.in_force),
                "period": period_words(row.policy.period),
                "version": row.policy.version[:8],
                "state": _situation(row, on),
            }
            for row in rows
        ],
    )


def _situation(row: PolicyRow, on: date) -> Cell:
    """What an officer should know of a policy at one glance: the most urgent first."""
    if on not in row.policy.in_force:
        start = row.policy.in_force.start
        return Cell(_("尚未施行") if start is not None and on < start else _("已停止施行"), level="none")
    if row.ending is not None:
        return Cell(_("%(day)s 后到期") % {"day": day(row.ending.last)}, level="watch")
    if row.drafts:
        return Cell(_("有草案"), level="none", note=" · ".join(draft.title for draft in row.drafts[:2]))
    return Cell(_("经公布施行") if row.published else _("施行中"), level="good")


@dataclass(frozen=True, slots=True)
class EndingRow:
    """Something that runs out, as a sentence with its light."""

    level: str
    name: str
    sentence: str
    reason: str
    policies: tuple[tuple[str, str], ...]
    more: int
    file: str


def ending_rows(endings: Sequence[Ending], on: date) -> list[EndingRow]:
    """What has run out and what will, the earliest first; what ends on one day for one reason is one row. Within two weeks the light
    is red."""
    together: dict[tuple[str, date, str, str], list[Ending]] = {}
    for item in endings:
        apart = item.name if item.kind == "policy" or not item.reason else ""
        together.setdefault((item.kind, item.last, item.reason, apart), []).append(item)
    rows = []
    for (kind, last, reason, _apart), items in together.items():
        left = (last - on).days + 1
        names = list(dict.fromkeys(content(item, "label") for item in items))
        policies = list({policy.id: policy for item in items for policy in item.policies}.values())
        rows.append(
            EndingRow(
                "bad" if left <= SOON_DAYS else "watch",
                names[0]
                if len(names) == 1
                else _("%(name)s等 %(n)d 项") % {"name": names[0], "n": len(names)},
                _ending_sentence(kind, last, left),
                reason,
                tuple(
                    (content(policy, "label"), reverse("workbench:policy", args=[policy.id]))
                    for policy in policies[:MOST_NAMED]
                ),
                max(0, len(policies) - MOST_NAMED),
                " ".join(sorted({item.file for item in items})),
            )
        )
    return rows


def _ending_sentence(kind: str, last: date, left: int) -> str:
    if kind == "parameter" and left <= 0:
        return _("%(day)s 起没有规定：涉及的人“尚不能判定”，不付款。补上以后重新判定。") % {
            "day": day(last + timedelta(days=1))
        }
    words = {
        "policy": _("政策施行到 %(day)s（还有 %(left)d 天），之后不再享受。"),
        "parameter": _("有效到 %(day)s（还有 %(left)d 天），之后没有规定：涉及的人“尚不能判定”，不付款。"),
    }
    return words[kind] % {"day": day(last), "left": left}


def trouble_notes(troubles: Iterable[Problem]) -> list[Note]:
    """What is wrong with the files, as the editor shows it."""
    return [note_of(problem, other=True) for problem in troubles]


def policy_facts(policy: Policy) -> list[tuple[str, Any]]:
    """What stands at the head of a policy."""
    return [
        (_("编号"), policy.id),
        (_("任务"), policy.task),
        (_("性质"), _(EFFECTS[policy.effect])),
        (_("施行期"), force_words(policy.in_force)),
        (_("计发"), period_words(policy.period)),
        (_("享受方式"), _(CLAIM_KINDS[policy.claim])),
        (_("依据"), EVIDENCE_WORDS[policy.evidence]),
        (_("资金"), policy.fund or "—"),
        (_("规则版本"), policy.version),
    ]


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One value of a parameter on the day, with what follows it."""

    label: str
    key: str
    value: str
    since: date | None
    source: str
    unset: str
    coming: str


def parameter_rows(found: OnePolicy, on: date) -> list[ParameterRow]:
    """The policy's own parameters as of the day; what is set for later is named."""
    rows = []
    for parameter in found.policy.parameters.values():
        for key, entries in parameter.entries.items():
            entry = entry_on(entries, on)
            later = next((item for item in entries if item.start > on), None)
            rows.append(
                ParameterRow(
                    (english() and parameter.label_en) or parameter.label,
                    " · ".join(
                        _key_words(found.pack, parameter.axes[number].type.enum, part)
                        for number, part in enumerate(key)
                    ),
                    _value(found.pack, parameter.type, entry.value) if entry is not None else "—",
                    entry.start if entry is not None else None,
                    entry.source.citation if entry is not None and entry.source is not None else "",
                    entry.unset if entry is not None else "",
                    _coming(found.pack, parameter.type, later) if later is not None else "",
                )
            )
    return rows


def _key_words(pack: Pack, enum: str, part: Any) -> str:
    if part == ELSE:
        return _("其余")
    return pack.vocabulary.enums[enum].get(part, str(part)) if enum and not english() else str(part)


def _value(pack: Pack, of: Any, value: Any) -> str:
    if value is None:
        return _("没有规定")
    if of.kind == "scale":
        return " · ".join(f"{yuan_text(threshold)} → {rate}" for threshold, rate in value)
    return show_value(value, of, pack.vocabulary.enums, "en" if english() else "zh")


def _coming(pack: Pack, of: Any, entry: Any) -> str:
    return _("%(day)s 起 %(value)s") % {"day": day(entry.start), "value": _value(pack, of, entry.value)}


def version_table(versions: Iterable[PolicyVersion], *, current: str) -> Table:
    """Kept versions, the latest first."""
    rows = [
        {
            "version": Cell(
                row.version,
                url=reverse("workbench:version", args=[row.policy_id, row.version]),
                note=_("现行") if row.version == current else "",
            ),
            "kept": row.kept_at,
            "files": len(row.files),
        }
        for row in versions
    ]
    return Table(
        _("存档的版本"),
        VERSION_COLUMNS,
        rows,
        empty_title=_("还没有存档"),
        empty_text=_("按一个版本判定过以后，它的全部文本会留在这里。"),
    )


def draft_table(drafts: Iterable[Draft]) -> Table:
    """Drafts, each opening to its text."""
    rows = [
        {
            "title": Cell(
                draft.title,
                url=reverse("workbench:draft", args=[draft.pk]),
                note=" · ".join(draft.paths),
            ),
            "author": draft.author.display_name,
            "state": state_cell(draft.state),
            "changed": draft.changed_at,
        }
        for draft in drafts
    ]
    return Table(
        _("草案"),
        DRAFT_COLUMNS,
        rows,
        empty_title=_("没有草案"),
        empty_text=_("在政策的页面上点“起草修改”，或在这里新建一项政策。"),
    )


def publication_table(publications: Iterable[Publication], on: date) -> Table:
    """Publications with who answers for them."""
    rows = []
    for row in publications:
        effect = getattr(row, "effect", None)
        if effect is not None:
            state = Cell(_("已施行"), level="good", note=day(effect.on_date))
        elif row.effective_on <= on:
            state = Cell(_("到期未施行"), level="bad")
        else:
            state = Cell(_("等待施行"), level="watch")
        rows.append(
            {
                "title": Cell(row.title, url=reverse("workbench:publication", args=[row.pk])),
                "effective": row.effective_on,
                "state": state,
                "people": " / ".join(
                    person.display_name for person in (row.written_by, row.reviewed_by, row.published_by)
                ),
            }
        )
    return Table(_("公布"), PUBLICATION_COLUMNS, rows, empty_title=_("还没有公布过"))


def publication_facts(found: Publication) -> list[tuple[str, Any]]:
    """Who answers for it, and from when it holds."""
    effect = getattr(found, "effect", None)
    return [
        (_("施行日期"), found.effective_on),
        (_("实际施行"), effect.on_date if effect is not None else _("尚未施行")),
        (_("起草人"), found.written_by.display_name),
        (_("审核人"), found.reviewed_by.display_name),
        (_("公布人"), found.published_by.display_name),
        (_("公布日期"), found.published_on),
        (_("改变的政策"), _("、").join(found.policies)),
        (_("规则包版本"), found.version),
    ]


def review_steps(draft: Draft) -> list[Step]:
    """What became of the draft so far."""
    steps = [Step(_("起草"), when=draft.started_at, who=draft.author.display_name)]
    for review in draft.reviews.select_related("reviewer").order_by("pk"):
        steps.append(
            Step(
                _(REVIEW_VERDICTS[review.verdict]),
                "failed" if review.verdict == "returned" else "done",
                review.reviewed_at,
                review.reviewer.display_name,
                review.note,
            )
        )
    publication = getattr(draft, "publication", None)
    if publication is not None:
        steps.append(
            Step(_("公布"), when=publication.published_at, who=publication.published_by.display_name)
        )
        effect = getattr(publication, "effect", None)
        steps.append(
            Step(
                _("施行"),
                when=effect.at if effect is not None else day(publication.effective_on),
                state="done" if effect is not None else "next",
            )
        )
    elif draft.state == "submitted":
        steps.append(Step(_("等待审核"), "current"))
    elif draft.state == "approved":
        steps.append(Step(_("等待公布"), "current"))
    return steps


def simulation_table(rows: Iterable[Simulation]) -> Table:
    """Runs, the latest first."""
    return Table(
        _("测算记录"),
        SIMULATION_COLUMNS,
        [
            {
                "made": Cell(row.made_at, url=reverse("workbench:simulation", args=[row.pk])),
                "columns_on": row.columns_on,
                "drafts": _("、").join(row.result["drafts"].values()),
                "seconds": row.seconds,
            }
            for row in rows
        ],
        empty_title=_("还没有测算过"),
        empty_text=_("测算只读登记的信息，不改变任何人的待遇。"),
    )


def pack_files(pack: Pack, taken: Mapping[str, str]) -> list[str]:
    """Files of the pack that the draft has not taken up, to choose from."""
    return [name for name in sorted(pack.texts) if name not in taken]


# --- boundary cases
