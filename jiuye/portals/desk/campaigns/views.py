"""Telling a whole list: the dry run with its numbers and samples, released by a second person where they are many."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.engine.basis.money import yuan_text
from jiuye.office.campaigns import operations, queries
from jiuye.office.campaigns.models import Campaign
from jiuye.office.campaigns.states import LEFT_OUT, LEVELS, NO_SMS, STATES
from jiuye.office.messages.content import sending_rules
from jiuye.office.messages.states import DELIVERY_LEVELS, DELIVERY_STATES
from jiuye.office.registry.places import division_names
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import count, day, english
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.refusals import REFUSALS

PAGE_SIZE = 30
COLUMNS = (
    Column("policy", gettext_lazy("政策"), heads=True),
    Column("number", gettext_lazy("告知对象"), kind="number"),
    Column("state", gettext_lazy("状态")),
    Column("prepared", gettext_lazy("准备")),
    Column("released", gettext_lazy("放行")),
)
SENT_COLUMNS = (
    Column("state", gettext_lazy("短信"), heads=True),
    Column("number", gettext_lazy("对象数"), kind="number"),
)
TALLY_COLUMNS = (
    Column("what", gettext_lazy("项目"), heads=True),
    Column("number", gettext_lazy("对象数"), kind="number"),
)


@allowed("campaigns.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The campaigns of the actor's places."""
    page = slice_asked(request, queries.campaigns(actor=actor(request)), size=PAGE_SIZE)
    names = policy_names(row.policy_id for row in page.rows)
    places = division_names({row.division_code for row in page.rows})
    rows = [
        {
            "policy": Cell(
                names[row.policy_id],
                url=reverse("desk:campaign", args=[row.pk]),
                note=places.get(row.division_code, row.division_code),
            ),
            "number": row.to_tell,
            "state": Cell(_(STATES[row.state]), level=LEVELS[row.state]),
            "prepared": Cell(row.prepared_by.display_name, note=day(row.prepared_on)),
            "released": Cell(row.released_by.display_name, note=day(row.released_on))
            if row.released_by is not None
            else "—",
        }
        for row in page.rows
    ]
    table = Table(
        _("批量告知"),
        COLUMNS,
        rows,
        empty_title=_("还没有批量告知"),
        empty_text=_("在“应享未享”打开一项政策的名单，从那里开始。"),
    )
    return render(request, "desk/campaigns/list.html", {"table": table, "page": page})


@allowed("campaigns.prepare")
@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """The dry run of one list, kept; on to its numbers."""
    policy, division = str(request.POST.get("policy", "")), str(request.POST.get("division", ""))
    made = attempt(
        request,
        lambda: operations.prepare(
            actor=actor(request),
            policy_id=policy,
            division=division,
            fold=bool(request.POST.get("fold")),
            on=office_date(),
            at=now(),
        ),
        done=_("试算完成，没有发送任何消息。"),
        refusals=REFUSALS,
    )
    return redirect("desk:campaign", made.pk) if made is not None else redirect("desk:gap")


@allowed("campaigns.see")
@require_safe
def one(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One campaign: its numbers, samples with masked names, and who may release it."""
    me = actor(request)
    found = _campaign(request, campaign_id)
    name = policy_names([found.policy_id])[found.policy_id]
    tally = queries.tally_of(found)
    return render(
        request,
        "desk/campaigns/one.html",
        {
            "campaign": found,
            "name": name,
            "state": Cell(_(STATES[found.state]), level=LEVELS[found.state]),
            "tally": tally,
            "table": _tally_table(tally),
            "sent": _sent_table(queries.sent_of(found)) if found.state == "released" else None,
            "samples": [
                (str(row.person or row.employer), words_en if english() else words)
                for row, words, words_en in queries.samples_of(found)
            ],
            "facts_rows": _facts(found, tally),
            "second": queries.needs_second_person(found),
            "most": sending_rules().second_person_above,
            "release_url": reverse("desk:campaign_act", args=[found.pk, "release"])
            if queries.may_release(actor=me, campaign=found)
            else "",
            "discard_url": reverse("desk:campaign_act", args=[found.pk, "discard"])
            if found.state == "prepared"
            and (
                me.may("campaigns.prepare", found.division_code)
                or me.may("campaigns.release", found.division_code)
            )
            else "",
            "crumbs": [Crumb(_("批量告知"), reverse("desk:campaigns")), Crumb(name)],
        },
    )


@allowed("campaigns.see")
@require_POST
def take_act(request: HttpRequest, campaign_id: int, act: str) -> HttpResponse:
    """Release or discard: one domain call each."""
    if act == "release":
        attempt(
            request,
            lambda: operations.release(
                actor=actor(request), campaign_id=campaign_id, on=office_date(), at=now()
            ),
            done=_("已放行：消息已写入收件箱，短信由发送程序按免打扰时段和每日条数发出。"),
            refusals=REFUSALS,
        )
    elif act == "discard":
        attempt(
            request,
            lambda: operations.discard(actor=actor(request), campaign_id=campaign_id),
            done=_("这次批量告知已作废，没有告知任何人。"),
            refusals=REFUSALS,
        )
    else:
        raise Http404(_("没有这个办理事项。"))
    return redirect("desk:campaign", campaign_id)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    found = queries.one_campaign(actor=actor(request), campaign_id=campaign_id)
    if found is None:
        raise Http404(_("没有这次批量告知，或者它不在您的管辖范围内。"))
    return found


def _facts(found: Campaign, tally: queries.Tally) -> list[tuple[str, Any]]:
    place = division_names({found.division_code}).get(found.division_code, found.division_code)
    return [
        (_("区划"), place),
        (_("名单上"), count(tally.listed)),
        (_("涉及金额"), f"{yuan_text(tally.amount_fen)} {_('元')}"),
        (_("并入其他应享未享"), found.folded),
        (_("消息模板"), f"{found.template_id} · {found.template_version}"),
        (_("准备"), f"{found.prepared_by.display_name} · {day(found.prepared_on)}"),
        (
            _("放行"),
            f"{found.released_by.display_name} · {day(found.released_on)}" if found.released_by else "—",
        ),
    ]


def _tally_table(tally: queries.Tally) -> Table:
    rows = [
        {"what": _("站内消息"), "number": tally.by_inbox},
        {"what": Cell(_("其中同时发短信")), "number": tally.by_sms},
        *(
            [
                {
                    "what": Cell(_("只发站内消息"), note=_("用人单位在收件箱里收，不发短信")),
                    "number": tally.employers,
                }
            ]
            if tally.employers
            else []
        ),
        *(
            {"what": Cell(_("只发站内消息"), note=_(NO_SMS[reason])), "number": number}
            for reason, number in sorted(tally.no_sms.items())
        ),
        *(
            {"what": Cell(_("不告知"), note=_(LEFT_OUT[reason])), "number": number}
            for reason, number in sorted(tally.left_out.items())
        ),
    ]
    return Table(_("渠道和原因"), TALLY_COLUMNS, rows)


def _sent_table(sent: dict[str, int]) -> Table:
    """What became of the text messages of a released campaign."""
    rows = [
        {"state": Cell(_(word), level=DELIVERY_LEVELS[state]), "number": sent[state]}
        for state, word in DELIVERY_STATES.items()
        if state in sent
    ]
    return Table(_("发送情况"), SENT_COLUMNS, rows, empty_title=_("这次告知没有短信，都在收件箱里"))
