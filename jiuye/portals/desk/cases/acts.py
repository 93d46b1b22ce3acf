"""The acts on a case that a form may post: each makes one domain call with what the form holds."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import rules
from jiuye.portals.common.actors import actor, now, office_date

Act = Callable[[HttpRequest, int], Case]


def _note(request: HttpRequest) -> str:
    return str(request.POST.get("note", ""))


def accept(request: HttpRequest, case_id: int) -> Case:
    return operations.accept(actor=actor(request), case_id=case_id, on=office_date(), at=now())


def request_correction(request: HttpRequest, case_id: int) -> Case:
    return operations.request_correction(
        actor=actor(request),
        case_id=case_id,
        corrections={
            name.removeprefix("c-"): str(words)
            for name, words in request.POST.items()
            if name.startswith("c-")
        },
        rules=rules(),
        on=office_date(),
        at=now(),
    )


def correct(request: HttpRequest, case_id: int) -> Case:
    return operations.correct(
        actor=actor(request),
        case_id=case_id,
        note=_note(request),
        rules=rules(),
        on=office_date(),
        at=now(),
    )


def review(request: HttpRequest, case_id: int) -> Case:
    return operations.review(
        actor=actor(request), case_id=case_id, note=_note(request), on=office_date(), at=now()
    )


def publicise(request: HttpRequest, case_id: int) -> Case:
    return operations.publicise(actor=actor(request), case_id=case_id, on=office_date(), at=now())


def approve(request: HttpRequest, case_id: int) -> Case:
    return operations.approve(
        actor=actor(request), case_id=case_id, rules=rules(), on=office_date(), at=now()
    )


def undo_approval(request: HttpRequest, case_id: int) -> Case:
    return operations.undo_approval(
        actor=actor(request), case_id=case_id, note=_note(request), on=office_date(), at=now()
    )


def refuse(request: HttpRequest, case_id: int) -> Case:
    return operations.refuse(
        actor=actor(request),
        case_id=case_id,
        clause_id=str(request.POST.get("clause", "")),
        note=_note(request),
        against=str(request.POST.get("against", "")),
        rules=rules(),
        on=office_date(),
        at=now(),
    )


def withdraw(request: HttpRequest, case_id: int) -> Case:
    return operations.withdraw(
        actor=actor(request), case_id=case_id, note=_note(request), on=office_date(), at=now()
    )


def reopen(request: HttpRequest, case_id: int) -> Case:
    return operations.reopen(
        actor=actor(request),
        case_id=case_id,
        note=_note(request),
        rules=rules(),
        on=office_date(),
        at=now(),
    )


def refresh_payee(request: HttpRequest, case_id: int) -> Case:
    return operations.refresh_payee(
        actor=actor(request), case_id=case_id, note=_note(request), on=office_date(), at=now()
    )


def confirm_account(request: HttpRequest, case_id: int) -> Case:
    return operations.confirm_account(
        actor=actor(request), case_id=case_id, note=_note(request), on=office_date(), at=now()
    )


ACTS: dict[str, Act] = {
    "accept": accept,
    "request_correction": request_correction,
    "correct": correct,
    "review": review,
    "publicise": publicise,
    "approve": approve,
    "undo_approval": undo_approval,
    "refuse": refuse,
    "withdraw": withdraw,
    "reopen": reopen,
    "refresh_payee": refresh_payee,
    "confirm_account": confirm_account,
}
