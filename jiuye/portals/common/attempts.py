"""One domain call from a form, and its answer as a message: done, done before, or not done and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.engine.basis.workdays import CalendarNotPublishedError
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import WrongStateError
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.matters import states as matters

Result = TypeVar("Result")


def attempt(
    request: HttpRequest,
    act: Callable[[], Result],
    *,
    done: str | Callable[[Result], str],
    refusals: tuple[type[Exception], ...] = (),
) -> Result | None:
    """The act's result with `done` said (words, or what makes words of the result), or None with the refusal said; nothing was half done either way.

    What an actor may not do at all (NotPermittedError) is left to the middleware's 403 page.
    """
    known: tuple[type[Exception], ...] = (Refusal, CalendarNotPublishedError, *refusals)
    try:
        result = act()
    except AlreadyDoneError as error:
        messages.info(request, str(error))
    except known as error:
        level = (
            messages.WARNING
            if isinstance(error, WrongStateError | matters.WrongStateError)
            else messages.ERROR
        )
        messages.add_message(request, level, str(error))
    except IntegrityError:
        # Two people at once: the database let one through. Its sentence names a constraint, so say it in ours.
        messages.warning(request, _("刚才有人同时办理了这一件；没有重复办理，请看最新状态。"))
    else:
        words = done if isinstance(done, str) else done(result)
        if words:
            messages.success(request, words)
        return result
    return None
