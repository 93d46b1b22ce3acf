"""What was published: the list, one of them, its patch; and bringing into force what is due."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.entitlements.publishing import bring_into_force
from jiuye.office.policies import queries
from jiuye.office.policies.models import Publication
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.workbench.presenting import publication_facts, publication_table
from jiuye.portals.workbench.refusals import REFUSALS
from jiuye.portals.workbench.views.reviewing import patch_response


@allowed("policies.see")
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Everything published, the latest day first."""
    me, on = actor(request), office_date()
    rows = list(queries.publications(actor=me))
    return render(
        request,
        "workbench/published.html",
        {
            "table": publication_table(rows, on),
            "due": [row for row in rows if row.effective_on <= on and not hasattr(row, "effect")],
            "may_publish": me.may("policies.publish"),
        },
    )


@allowed("policies.see")
@require_safe
def publication(request: HttpRequest, publication_id: int) -> HttpResponse:
    """One publication with its texts and who answers for it."""
    found = _found(request, publication_id)
    return render(
        request,
        "workbench/publication.html",
        {
            "found": found,
            "crumbs": [Crumb(_("公布"), reverse("workbench:published")), Crumb(found.title)],
            "facts_rows": publication_facts(found),
            "patch": queries.publication_patch(actor=actor(request), publication=found),
            "texts": [(name, found.files[name].splitlines()) for name in sorted(found.files)],
        },
    )


@allowed("policies.see")
@require_safe
def patch(request: HttpRequest, publication_id: int) -> HttpResponse:
    """What was published as a patch to the files under plans/."""
    found = _found(request, publication_id)
    text = queries.publication_patch(actor=actor(request), publication=found)
    return patch_response(text, f"published-{found.pk}")


@allowed("policies.publish")
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Bring into force what is due."""
    came = attempt(
        request,
        lambda: bring_into_force(actor=actor(request), on=office_date(), at=now()),
        done=lambda came: _("已施行 %(number)d 项公布。") % {"number": len(came.effects)},
        refusals=REFUSALS,
    )
    for row in came.refused if came is not None else ():
        messages.error(
            request,
            _("“%(title)s”没有施行：它和现在的规则包放在一起不能读。请先改正规则包的文件。")
            % {"title": row.title},
        )
    return redirect("workbench:home")


def _found(request: HttpRequest, publication_id: int) -> Publication:
    found = queries.one_publication(actor=actor(request), publication_id=publication_id)
    if found is None:
        raise Http404(_("没有这项公布。"))
    return found
