"""Who may act for oneself: a resident's authorities, what was done by them, and the button that ends one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations
from jiuye.office.casework.authorities import AuthorityNotFoundError
from jiuye.office.casework.queries.authorities import own_authorities
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.authorities import rows_of
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.responses import file_response


@allowed("own.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every authority that one has given, the newest first, with everything that was done by it."""
    rows = rows_of(own_authorities(actor(request)), on=office_date(), with_uses=True)
    crumbs = [Crumb(_("我的办件"), "/my/cases/"), Crumb(_("谁可以代我办事"))]
    return render(request, "resident/authorities.html", {"rows": rows, "crumbs": crumbs})


@allowed("own.confirm")
@require_POST
def end(request: HttpRequest, authority_id: int) -> HttpResponse:
    """End an authority of one's own, at once and without a reason."""
    attempt(
        request,
        lambda: operations.withdraw_authority(
            actor=actor(request),
            authority_id=authority_id,
            note=str(request.POST.get("note", "")),
            on=office_date(),
            at=now(),
        ),
        done=_("授权已终止，代办人不能再凭它办理。"),
    )
    return redirect("resident:authorities")


@allowed("own.see")
@require_safe
def proof(request: HttpRequest, authority_id: int) -> HttpResponse:
    """The file that proves an authority of one's own."""
    try:
        name, kind, body = operations.read_authority_file(
            actor=actor(request), authority_id=authority_id, purpose="", at=now()
        )
    except (AuthorityNotFoundError, PermissionError) as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)
