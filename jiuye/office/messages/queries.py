"""Reading messages: one's own inbox, and what was told about a case or matter."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.utils.translation import gettext

from jiuye.office.messages.models import Message
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, actor_for, posts_held, require, scope_filter


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


def told_about(actor: Actor, about: str, *, permission: str) -> list[Message]:
    """What was told about one case or matter, the newest first, with its deliveries, in the actor's divisions."""
    require(actor, permission)
    found = Message.objects.filter(scope_filter(actor, permission, "division_code"), about=about)
    return list(found.prefetch_related("deliveries").order_by("-written_at", "-pk"))


def one_told(actor: Actor, about: str, message_id: int, *, permission: str) -> Message:
    """One of them. Raises MessageNotFoundError."""
    for message in told_about(actor, about, permission=permission):
        if message.pk == message_id:
            return message
    raise MessageNotFoundError
