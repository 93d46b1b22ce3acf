"""Reading messages: one's own inbox, and what was told about a case, a matter or a loan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext

from jiuye.office.messages.models import Delivery, Message
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, actor_for, posts_held, require, scope_filter
from jiuye.office.staff.together import keep_related, together


class MessageNotFoundError(LookupError):
    """There is no such message, or it is somebody else's: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这条消息，或者它不是给您的。"))


def inbox(actor: Actor) -> QuerySet[Message]:
    """The actor's own messages, the newest first. Raises NotPermittedError for somebody without an account of use here."""
    if actor.kind == "officer":
        require(actor, "messages.read")
        told = Message.objects.filter(recipient_kind="officer", account_id=actor.account_id)
        return told.order_by("-written_at", "-pk")
    require(actor, "own.see")
    kind = "employer" if actor.kind == "employer" else "person"
    mine = Message.objects.filter(recipient_kind=kind, **{f"{kind}_id": int(actor.subject_key)})
    return mine.order_by("-written_at", "-pk")


def unread(actor: Actor) -> int:
    """How many of them were not opened yet."""
    return inbox(actor).filter(read_at__isnull=True).count()


def actor_with_unread(account: Account, *, on: date) -> tuple[Actor, int]:
    """The actor behind an account, and for an officer how many of their messages are unread: in the statement that reads their posts.

    Every page begins by asking who is there; so the number on each of them costs no statement more. Others are told 0, and ask `unread`.
    """
    if account.kind != Account.Kind.OFFICER:
        return actor_for(account, on=on), 0
    rows = rows_of("posts_with_unread", on, (), lambda key: _posts_with_unread(key, on), about=[account.pk])
    posts = tuple((role, division, department) for role, division, department, _ in rows)
    return Actor(account.pk, account.display_name, account.kind, "", posts), next(
        (unread or 0 for *_, unread in rows), 0
    )


def _posts_with_unread(account_id: int, on: date) -> QuerySet[Any, Any]:
    to_them = Message.objects.filter(recipient_kind="officer", account_id=account_id, read_at__isnull=True)
    number = to_them.order_by().values("account_id").annotate(number=Count("pk")).values("number")
    held = posts_held(account_id, on=on).annotate(unread=Subquery(number, output_field=IntegerField()))
    return held.values_list("role", "division_code", "department", "unread")


def own_message(actor: Actor, message_id: int) -> Message:
    """One of them. Raises MessageNotFoundError."""
    found = inbox(actor).filter(pk=message_id).first()
    if found is None:
        raise MessageNotFoundError
    return found


# What the record of what was told shows; the words themselves stand in the receiver's inbox, and the letter in its own file.
_SHOWN = ("title", "title_en", "letter", "source", "statutory", "recipient_kind", "written_on", "written_at", "read_at")  # fmt: skip
_HOW_SENT = ("message", "state", "on_day", "sent_at", "reason")


def told_lists(about: str | Combinable) -> dict[str, QuerySet[Any]]:
    """What was told about one thing, as lists for `together`, so that a page reads them with what else stands beside. Whoever asks has been
    shown the thing."""
    return {
        "told": Message.objects.filter(about=about).order_by("-written_at", "-pk").only(*_SHOWN),
        "sent": Delivery.objects.filter(message__about=about).order_by("pk").only(*_HOW_SENT),
    }


def told_in(found: Mapping[str, list[Any]]) -> tuple[Message, ...]:
    """The messages of these lists, the newest first, each with its deliveries."""
    for message in found["told"]:
        keep_related(message, "deliveries", [sent for sent in found["sent"] if sent.message_id == message.pk])
    return tuple(found["told"])


def told_about(actor: Actor, about: str, *, permission: str) -> tuple[Message, ...]:
    """What was told about one case, matter or loan, the newest first, with its deliveries, in the actor's divisions."""
    require(actor, permission)
    lists = told_lists(about)
    lists["told"] = lists["told"].filter(scope_filter(actor, permission, "division_code"))
    return told_in(together(lists))


def one_told(actor: Actor, about: str, message_id: int, *, permission: str) -> Message:
    """One of them, whole. Raises MessageNotFoundError."""
    require(actor, permission)
    found = Message.objects.filter(scope_filter(actor, permission, "division_code"), about=about)
    message = found.filter(pk=message_id).first()
    if message is None:
        raise MessageNotFoundError
    return message
