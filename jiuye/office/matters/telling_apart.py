"""An item of which an applicant may have several open at once: its file names the field (`told_apart_by`) that tells one from another.

A matter keeps the keyed digest of that answer, so that the database refuses a second one for the same without anybody's number being readable
there. Another file names another field, and the digest holds the field's name: what two fields say is never taken for the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext

from jiuye.engine.services import Item
from jiuye.office.matters.content import item_of
from jiuye.office.matters.forms import FormRefusedError, answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.states import OPEN_STATES, TO_FILL
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import blind_index

ONCE = ("matter_of_an_employer_once_at_a_time", "matter_of_a_person_once_at_a_time")


def mark_of(item: Item, answers: dict[str, str]) -> str:
    """The digest of the telling answer; empty where the item has no such field, or nothing stands in it yet."""
    typed = answers.get(item.told_apart_by, "") if item.told_apart_by else ""
    # However it was typed: full-width digits, spaces within a number and small letters make no other person of the same one.
    text = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    return blind_index(f"{item.told_apart_by}:{text}").hex() if text else ""


def open_of(item: Item, applicant: Person | Employer, answers: dict[str, str]) -> Matter | None:
    """The applicant's matter of this item that is not ended: where the file tells several apart, the one with the same telling answer, and
    without an answer the draft in which it does not stand yet.

    Where it tells none apart there may still be several, begun under an earlier text of it: the first that waits for the applicant.
    """
    mine = Matter.objects.filter(item_id=item.id, state__in=OPEN_STATES, **{item.applicant: applicant})
    if not item.told_apart_by:
        return first_to_go_on_with(mine.order_by("pk"))
    # What was begun, or handed in again, while the file named no field gets its mark now, or it would pass for a draft that nobody filled in.
    for older in mine.filter(Q(told_apart="") | Q(told_apart__startswith="#")).order_by("pk"):
        tell_apart(older, item, answers_of(older))
    return mine.filter(told_apart=mark_of(item, answers)).order_by("pk").first()


def first_to_go_on_with(matters: Iterable[Matter]) -> Matter | None:
    """Of open ones in the order of their keys, the first that waits for the applicant; where all wait for the office, the first."""
    return min(matters, key=lambda matter: matter.state not in TO_FILL, default=None)


def tell_apart(matter: Matter, item: Item, answers: dict[str, str]) -> None:
    """Keep the mark of these answers, in the caller's transaction. Where another open one has it, a mark that no other can have: what was
    typed is kept, and `refuse_the_same` says so when it is handed in."""
    before, matter.told_apart = matter.told_apart, mark_of(item, answers)
    if matter.told_apart == before:
        return
    try:
        with transaction.atomic():
            matter.save(update_fields=["told_apart"])
    except IntegrityError as error:
        if not any(name in str(error) for name in ONCE):
            raise
        matter.told_apart = _of_none(matter)
        matter.save(update_fields=["told_apart"])


def settle(matter: Matter) -> None:
    """The mark of a matter that was begun before its item's file named the field."""
    if not matter.told_apart:
        tell_apart(matter, item_of(matter.item_id), answers_of(matter))


def refuse_the_same(matter: Matter, item: Item, answers: dict[str, str]) -> None:
    """Raise FormRefusedError at the telling field where another open matter of the applicant has the same answer."""
    if matter.told_apart != _of_none(matter) or not item.told_apart_by:
        return
    same = Matter.objects.filter(item_id=item.id, state__in=OPEN_STATES, told_apart=mark_of(item, answers))
    other = same.filter(person_id=matter.person_id, employer_id=matter.employer_id).order_by("pk").first()
    question = next(row for row in item.questions if row.id == item.told_apart_by)
    words = gettext(
        "“%(label)s”已经在另一件里办理（%(number)s）；请在那一件里接着办，这里填另一个，或者撤回这一件。"
    )
    number = other.number if other is not None else "—"
    raise FormRefusedError({question.id: words % {"label": question.label, "number": number}})


def _of_none(matter: Matter) -> str:
    return f"#{matter.pk}"
