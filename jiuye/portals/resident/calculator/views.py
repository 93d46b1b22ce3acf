"""The calculator: one question a page, and what has become certain. Public; the answers travel with the form, nothing is kept."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jiuye.office.entitlements.calculating import NoSuchAudienceError, calculate
from jiuye.office.policies.book import one_book
from jiuye.portals.common.actors import PUBLIC, allowed, office_date
from jiuye.portals.common.preferences import (
    CHOICES,
    MAX_AGE_SECONDS,
    UnknownPreferenceError,
    keep_preference,
    preferences,
)
from jiuye.portals.resident.calculator.forms import hidden_fields, read_sent
from jiuye.portals.resident.calculator.presenting import page_of, tabs_of

FIRST_AUDIENCE = "person"


@csrf_exempt  # nothing is changed and nobody is known: a token would only set a cookie
@allowed(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def calculator(request: HttpRequest, audience: str) -> HttpResponse:
    """The next question and the results so far; by POST with the answers, so that they stand in no address and no log."""
    sent = read_sent(request.POST)
    name, value = request.POST.get("name", ""), request.POST.get("value", "")
    shown_as = preferences(request) | ({name: value} if value in CHOICES.get(name, ()) else {})
    language = request.POST.get("language", "")
    chosen = language if language in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(chosen), one_book():  # a POST here only reads
        try:
            calculation = calculate(
                entity=audience or FIRST_AUDIENCE,
                given=sent.given,
                on=office_date(),
                answering=sent.answering,
                changing=sent.changing,
            )
        except NoSuchAudienceError as error:
            raise Http404(str(error)) from error
        hidden = hidden_fields(calculation.answered)
        response = render(
            request,
            "resident/calculator.html",
            {
                "page": page_of(calculation),
                "hidden": hidden,
                "switch": tabs_of(calculation.entity),
                # The buttons of the frame come back here, with the answers.
                "display_url": request.path,
                "display_fields": [*hidden, ("stay", "1")],
                "LANGUAGE_CODE": chosen,
                "preferences": shown_as,
                "title": _("我能享受什么"),
            },
            status=422 if calculation.refused else 200,
        )
    if language and chosen == language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=MAX_AGE_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
        )
        response.headers["Content-Language"] = language
    if name:
        try:
            keep_preference(response, name, value, secure=request.is_secure())
        except UnknownPreferenceError as error:
            return HttpResponseBadRequest(str(error))
    # The browser's own back and forward show the page again without asking to send the answers once more.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
