"""Every component in every state."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from jiuye.portals.common.actors import PUBLIC, allowed
from jiuye.portals.gallery import samples


@allowed(PUBLIC)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The gallery: made-up content, nothing of the registry."""
    return render(
        request,
        "gallery/show.html",
        {
            "tokens": samples.TOKENS,
            "table": samples.table(request),
            "empty_table": samples.empty_table(),
            "page": samples.page(request),
            "steps": samples.STEPS,
            "failed_steps": samples.FAILED_STEPS,
            "clauses": samples.CLAUSES,
            "facts_rows": samples.FACTS,
            "tabs_items": samples.TABS,
            "crumbs": samples.CRUMBS,
            "bars": samples.BARS,
            "form": samples.SampleForm(),
            "wrong_form": samples.SampleForm(data={"kind": "flexible"}, auto_id="wrong_%s"),
        },
    )


@allowed(PUBLIC)
@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """What a portal answers after it has recorded a look; here nothing is recorded, since nothing is real."""
    return render(request, "gallery/revealed.html")
