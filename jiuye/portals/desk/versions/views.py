"""A version of the rules that something was decided by: its law and its texts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.office.policies import queries
from jiuye.portals.common.actors import actor, allowed
from jiuye.portals.common.versions import law_of, text_of


@allowed("entitlements.see")
@require_safe
def version(request: HttpRequest, policy_id: str, version: str) -> HttpResponse:
    """The policy as it stood in that version."""
    found = queries.archived_policy(actor=actor(request), policy_id=policy_id, version=version)
    if found is None:
        raise Http404(_("没有存档这个版本：没有按它判定过任何事。"))
    return render(
        request,
        "desk/versions/one.html",
        {
            "found": found,
            "law": law_of(found.policy) if found.policy is not None else [],
            "texts": text_of(found),
        },
    )
