"""What stands: the policies in force with what runs out, one policy, one kept version."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.engine.rules.pack import NoSuchPolicyError
from jiuye.office.policies import queries
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.templatetags.jiuye import content
from jiuye.portals.common.versions import law_of, text_of
from jiuye.portals.workbench.presenting import (
    ending_rows,
    parameter_rows,
    policy_facts,
    policy_table,
    publication_table,
    trouble_notes,
    version_table,
)


@allowed("policies.see")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every policy in force; above it what runs out, what waits, and what is wrong with the files."""
    me, on = actor(request), office_date()
    found = queries.overview(actor=me, on=on)
    return render(
        request,
        "workbench/home.html",
        {
            "found": found,
            "version": found.book.pack.version,
            "origin": found.book.origin,
            "table": policy_table(found.policies, on),
            "endings": ending_rows(found.endings, on),
            "troubles": trouble_notes(found.troubles),
            "due": [row for row in found.waiting if row.effective_on <= on],
            "waiting": publication_table(found.waiting, on),
            "may_write": me.may("policies.write"),
            "may_publish": me.may("policies.publish"),
        },
    )


@allowed("policies.see")
@require_safe
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """One policy: the law above each condition, its numbers, its versions, what is being written about it."""
    me, on = actor(request), office_date()
    try:
        found = queries.one_policy(actor=me, policy_id=policy_id, on=on)
    except NoSuchPolicyError as error:
        raise Http404(str(error)) from error
    return render(
        request,
        "workbench/policy.html",
        {
            "found": found,
            "policy": found.policy,
            "crumbs": [Crumb(_("政策"), reverse("workbench:home")), Crumb(content(found.policy, "label"))],
            "facts_rows": policy_facts(found.policy),
            "law": law_of(found.policy),
            "parameters": parameter_rows(found, on),
            "endings": ending_rows(found.endings, on),
            "versions": version_table(found.versions, current=found.policy.version),
            "publications": publication_table(found.publications, on),
            "may_write": me.may("policies.write"),
        },
    )


@allowed("policies.see")
@require_safe
def version(request: HttpRequest, policy_id: str, version: str) -> HttpResponse:
    """One kept version: its law and its texts, as they stood when something was decided by them."""
    found = queries.archived_policy(actor=actor(request), policy_id=policy_id, version=version)
    if found is None:
        raise Http404(_("没有存档这个版本：没有按它判定过任何事。"))
    return render(
        request,
        "workbench/version.html",
        {
            "found": found,
            "crumbs": [
                Crumb(_("政策"), reverse("workbench:home")),
                Crumb(content(found.row), reverse("workbench:policy", args=[policy_id])),
                Crumb(found.row.version),
            ],
            "law": law_of(found.policy) if found.policy is not None else [],
            "texts": text_of(found),
        },
    )
