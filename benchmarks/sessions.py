"""Sessions for what posts forms in a benchmark: made as logging in makes them, without typing a password a hundred times."""

from __future__ import annotations

from typing import Any


def session_of(account: Any, browser: str) -> str:
    """The key of a new session of the account, with its second factor proved."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    from jiuye.portals.common.views.session import begin_session

    request = RequestFactory().get("/", headers={"User-Agent": browser})
    request.session = SessionStore()
    request.user = account
    begin_session(request, account, proved=True)
    request.session.save()
    return str(request.session.session_key)
