"""One domain call from a form, and its answer as a message: done, done before, or not done and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.engine.basis.workdays import CalendarNotPublishedError
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import WrongStateError
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.matters import states as matters
from jiuye.portals.common.actors import actor, now, office_date
from jiuye.portals.common.kept_true import sentence_of
from jiuye.portals.common.typed import note_other_words, note_refusal

Result = TypeVar("Result")


def attempt(
    request: HttpRequest,
    act: Callable[[], Result],
    *,
    done: str | Callable[[Result], str],
    refusals: tuple[type[Exception], ...] = (),
    form: forms.Form | None = None,
) -> Result | None:
    """The act's result with `done` said (words, or what makes words of the result), or None with the refusal said; nothing was half done either way.

    With a `form` the act runs only where the form is whole. What was refused is noted (typed.py), with the field that the
    refusal names, if any. What an actor may not do at all (NotPermittedError) is left to the middleware's 403 page.
    """
    if form is not None and not form.is_valid():
        _note_errors(request, form)
        return None
    known: tuple[type[Exception], ...] = (Refusal, CalendarNotPublishedError, *refusals)
    try:
        result = act()
    except AlreadyDoneError as error:
        messages.info(request, str(error))
        note_other_words(request, str(error), error.event.note)
    except known as error:
        level = (
            messages.WARNING
            if isinstance(error, WrongStateError | matters.WrongStateError)
            else messages.ERROR
        )
        messages.add_message(request, level, str(error))
        name = getattr(error, "field", "")
        note_refusal(
            request, str(error), form.add_prefix(name) if form and name in form.fields else name, cause=error
        )
    except IntegrityError as error:
        kept = sentence_of(error)
        if kept is None:  # two people at once: the database let one through
            words = _("刚才有人同时办理了这一件；没有重复办理，请看最新状态。")
        else:
            words = _("没有办理，因为它与一条必须成立的规定不符：%(kept)s") % {"kept": kept}
        messages.warning(request, words)
        note_refusal(request, words)
    else:
        words = done if isinstance(done, str) else done(result)
        if words:
            messages.success(request, words)
        return result
    return None


def attempt_form(
    request: HttpRequest,
    form: forms.Form,
    operation: Callable[..., Result],
    *,
    done: str | Callable[[Result], str],
    refusals: tuple[type[Exception], ...] = (),
    **named: Any,
) -> Result | None:
    """The same for an operation whose arguments the form's fields are, with `named` besides (what it is about): by whom, on which day and when is
    added here.
    """
    me = actor(request)

    def act() -> Result:
        return operation(actor=me, **named, **form.cleaned_data, on=office_date(), at=now())

    return attempt(request, act, done=done, refusals=refusals, form=form)


def _note_errors(request: HttpRequest, form: forms.Form) -> None:
    """The errors stand at their fields; the message says which those are."""
    wrong = [str(form[name].label) if name in form.fields else "" for name in form.errors]
    said = _("没有办理，请看标出的地方：%(fields)s。") % {"fields": _("、").join(filter(None, wrong))}
    messages.error(request, said)
    for name, errors in form.errors.items():
        for error in errors:
            note_refusal(request, str(error), form.add_prefix(name) if name in form.fields else "")
