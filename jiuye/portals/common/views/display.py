"""Language and display preferences: changed by POST, kept in cookies, without JavaScript too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from jiuye.portals.common.actors import PUBLIC, allowed
from jiuye.portals.common.preferences import UnknownPreferenceError, keep_preference
from jiuye.portals.common.views.session import safe_address

set_language = allowed(PUBLIC)(require_POST(django_set_language))


@allowed(PUBLIC)
@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Keep one display preference and go back to where the visitor was."""
    response = redirect(safe_address(request, request.POST.get("next")))
    try:
        keep_preference(
            response,
            request.POST.get("name", ""),
            request.POST.get("value", ""),
            secure=request.is_secure(),
        )
    except UnknownPreferenceError as error:
        return HttpResponseBadRequest(str(error))
    return response
