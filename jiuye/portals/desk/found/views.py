"""Who is entitled and is not receiving: by policy and street, one of them explained, confirmed on their behalf."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.engine.rules.policies import EFFECTS
from jiuye.office.casework import operations, queries
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.authorities import authorities_in_force, why_not_theirs
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.procedures import carried_by_loans
from jiuye.office.casework.queries.found import FoundGroup, FoundItem, as_items
from jiuye.office.casework.queries.gap import effects_of
from jiuye.office.casework.rules import UnknownPolicyError
from jiuye.office.casework.states import ENDED_STATES, STATE_LABELS
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.states import CLAIM_KINDS
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.authorities import choices_of
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Cell, Column, Crumb, Table
from jiuye.portals.common.slices import SLICE_KEYS, slice_asked
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.common.words import period_words, policy_names, policy_words
from jiuye.portals.desk.people.authorities import chosen
from jiuye.portals.desk.refusals import REFUSALS

PAGE_SIZE = 30
GROUP_COLUMNS = (
    Column("name", gettext_lazy("政策"), heads=True),
    Column("number", gettext_lazy("应享未享"), kind="number"),
    Column("amount", gettext_lazy("合计金额"), kind="money"),
)
ITEM_COLUMNS = (
    Column("recipient", gettext_lazy("受益方"), heads=True),
    Column("policy", gettext_lazy("政策")),
    Column("place", gettext_lazy("社区（村）")),
    Column("claim", gettext_lazy("享受方式")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("decided", gettext_lazy("判定日"), kind="date"),
)


@allowed("entitlements.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The groups by policy and by street, and the people and firms behind them."""
    me = actor(request)
    policy_id = request.GET.get("policy", "")
    division = request.GET.get("division", "")
    by_policy = queries.found_by_policy(me)
    page = slice_asked(
        request, queries.found_items(me, policy_id=policy_id, division=division), size=PAGE_SIZE
    )
    by_street = queries.found_by_street(me, policy_id=policy_id)
    return render(
        request,
        "desk/found/overview.html",
        {
            "policies": _policy_table(by_policy, request, policy_id),
            "streets": _street_table(by_street, request, division),
            "items": _item_table(as_items(list(page.rows))),
            "page": page,
            "number": sum(group.number for group in by_policy),
            "amount_fen": sum(group.amount_fen for group in by_policy),
            "policy_name": policy_words(policy_id) if policy_id else "",
            "may_sweep": me.may("entitlements.sweep"),
            "street_name": next((group.name for group in by_street if group.key == division), ""),
        },
    )


@allowed("entitlements.see")
@require_safe
def detail(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """One found entitlement, explained clause by clause on today's facts."""
    me = actor(request)
    entitlement = _found(request, entitlement_id)
    explanation = _explanation(entitlement)
    case = getattr(entitlement, "case", None)
    person_id = entitlement.person_id if entitlement.recipient_kind == "person" else None
    at_counter = case is None and me.may("casework.confirm_on_behalf", entitlement.division_code)
    not_theirs = why_not_theirs(person_id, me) if at_counter else ""
    name, effect = policy_words(entitlement.policy_id), effects_of([entitlement.policy_id])
    return render(
        request,
        "desk/found/one.html",
        {
            "entitlement": entitlement,
            "case": case,
            "case_ended": case is not None and case.state in ENDED_STATES,
            "case_word": _(STATE_LABELS[case.state]) if case is not None else "",
            "name": name,
            "crumbs": [Crumb(_("应享未享"), reverse("desk:found")), Crumb(name)],
            "clauses": clauses_of(explanation),
            "amount_how": content(explanation, "amount_how"),
            "explanation": explanation,
            "facts_rows": _facts(entitlement, effect[entitlement.policy_id]),
            "with_loan": entitlement.policy_id in carried_by_loans(),
            "may_confirm": entitlement.policy_id not in carried_by_loans()
            and effect[entitlement.policy_id] == "payment"
            and entitlement.verdict == "yes"
            and at_counter
            and not not_theirs,
            "not_theirs": not_theirs,
            "in_force": choices_of(authorities_in_force(person_id, on=office_date()))
            if at_counter and person_id is not None
            else [],
            "may_see_employer": entitlement.employer is not None
            and me.may("registry.see", entitlement.employer.division_id),
            "may_see_person": me.may("registry.see", entitlement.division_code),
            "reveal_url": reverse("desk:person_reveal", args=[entitlement.person_id])
            if entitlement.person_id is not None and me.may("registry.reveal", entitlement.division_code)
            else "",
        },
    )


@allowed("casework.confirm_on_behalf")
@require_POST
def confirm(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """Confirm for somebody who asked for it; on to the case."""
    try:
        case = attempt(
            request,
            lambda: _confirm(request, entitlement_id),
            done=_("已代为确认，办件已建立。"),
            refusals=REFUSALS,
        )
    except Entitlement.DoesNotExist as error:
        raise Http404(_("没有这项待遇。")) from error
    if case is not None:
        return redirect("desk:case", case.pk)
    return redirect("desk:found_one", entitlement_id)


def _confirm(request: HttpRequest, entitlement_id: int) -> Case:
    """By the relative whose authority the form names, or by the resident who asked in another way."""
    authority_id = chosen(request)
    given: dict[str, Any] = {
        "actor": actor(request),
        "entitlement_id": entitlement_id,
        "note": str(request.POST.get("note", "")),
        "rules": rules(),
        "on": office_date(),
        "at": now(),
    }
    if authority_id is not None:
        return operations.confirm_relative(authority_id=authority_id, **given)
    return operations.confirm_on_behalf(**given)


@allowed("entitlements.sweep")
@require_POST
def confirm_automatic(request: HttpRequest) -> HttpResponse:
    """Let the system confirm whatever is paid without applying."""
    attempt(
        request,
        lambda: operations.confirm_all_automatic(
            actor=actor(request), rules=rules(), on=office_date(), at=now()
        ),
        done=lambda run: (
            _("免申即享：已建立办件 %(opened)d 件，核验未通过而保留在名单里 %(kept)d 件。")
            % {"opened": run.opened, "kept": run.kept_back}
        ),
        refusals=REFUSALS,
    )
    return redirect("desk:found")


def _found(request: HttpRequest, entitlement_id: int) -> Entitlement:
    try:
        return queries.one_found(actor(request), entitlement_id)
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error


def _explanation(entitlement: Entitlement) -> dict[str, Any]:
    try:
        return rules().explain(entitlement, on=office_date())
    except (UnknownPolicyError, LookupError):
        return {"reason": _("规则包里没有这项政策，或者计发对象已不在登记中。"), "clauses": []}


def _facts(entitlement: Entitlement, effect: str) -> list[tuple[str, Any]]:
    return [
        (_("性质"), _(EFFECTS[effect])),
        (_("所属期"), period_words(entitlement)),
        (_("享受方式"), _(CLAIM_KINDS[entitlement.claim])),
        (_("判定日"), day(entitlement.decided_on)),
        (
            _("规则版本"),
            format_html(
                '<a href="{}">{}</a>',
                reverse("desk:version", args=[entitlement.policy_id, entitlement.rule_version]),
                entitlement.rule_version[:12],
            ),
        ),
    ]


def _with(request: HttpRequest, **changes: str) -> str:
    """This page's address with some of its filters changed."""
    query = request.GET.copy()
    for where in SLICE_KEYS:
        query.pop(where, None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _policy_table(groups: list[FoundGroup], request: HttpRequest, chosen: str) -> Table:
    names = policy_names(group.key for group in groups)
    rows = [
        {
            "name": Cell(names[group.key], url=_with(request, policy=group.key)),
            "number": group.number,
            "amount": group.amount_fen,
        }
        for group in groups
        if not chosen or group.key == chosen
    ]
    return Table(_("按政策"), GROUP_COLUMNS, rows, empty_title=_("没有应享未享"), show_caption=True)


def _street_table(groups: list[FoundGroup], request: HttpRequest, chosen: str) -> Table:
    columns = (Column("name", _("街道（镇）"), heads=True), *GROUP_COLUMNS[1:])
    rows = [
        {
            "name": Cell(group.name, url=_with(request, division=group.key)),
            "number": group.number,
            "amount": group.amount_fen,
        }
        for group in groups
        if not chosen or group.key == chosen
    ]
    return Table(_("按街道（镇）"), columns, rows, empty_title=_("没有应享未享"), show_caption=True)


def _item_table(items: list[FoundItem]) -> Table:
    names = policy_names(item.policy_id for item in items)
    rows = [
        {
            "recipient": Cell(item.recipient, url=reverse("desk:found_one", args=[item.entitlement_id])),
            "policy": Cell(
                names[item.policy_id],
                note=_("曾办理：%(state)s") % {"state": _(STATE_LABELS[item.case_state])}
                if item.case_state
                else period_words(item),
            ),
            "place": item.division_name,
            "claim": _(CLAIM_KINDS[item.claim]),
            "amount": item.amount_fen,
            "decided": item.decided_on,
        }
        for item in items
    ]
    return Table(
        _("应享未享名单"),
        ITEM_COLUMNS,
        rows,
        empty_title=_("没有应享未享"),
        empty_text=_("在您的管辖范围内，符合条件的都已经在办或领到。"),
    )
