"""What officers did beside their cases, for whoever audits them: looks at protected data, posts, accounts, failed log-ins.

An auditor sees what the officers of their own places did, today's and former ones; failed attempts under a name that no account has are seen by
whoever audits the whole city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import make_aware

from jiuye.office.staff.models import Account, AccountAct, FailedLogIn, LookRecord, Post
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.row_rules import CITY_DIGITS

AUDIT = "audit.see"


@dataclass(frozen=True, slots=True)
class Span:
    """What to show: of whom (login name or name as it is shown; empty: everybody), from a day up to and with another; None where open."""

    officer: str = ""
    since: date | None = None
    until: date | None = None

    def within(self, field: str) -> Q:
        """The moments of these days, in China's time."""
        found = Q()
        if self.since is not None:
            found &= Q(**{f"{field}__gte": _midnight(self.since)})
        if self.until is not None:
            found &= Q(**{f"{field}__lt": _midnight(self.until + timedelta(days=1))})
        return found

    def named(self, account: str) -> Q:
        if not self.officer:
            return Q()
        return Q(**{f"{account}__username": self.officer}) | Q(**{f"{account}__display_name": self.officer})


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


def looks_made(actor: Actor, span: Span) -> QuerySet[LookRecord]:
    """Looks by officers of the actor's places, the newest first. Raises NotPermittedError."""
    found = LookRecord.objects.filter(span.within("looked_at"), span.named("account"), _theirs(actor))
    return found.select_related("account").order_by("-looked_at", "-pk")


def account_acts(actor: Actor, span: Span) -> QuerySet[AccountAct]:
    """What was done to the accounts of officers of the actor's places, the newest first. Raises NotPermittedError."""
    named = span.named("account") | span.named("by")
    found = AccountAct.objects.filter(span.within("at"), named, _theirs(actor))
    return found.select_related("account", "by").order_by("-at", "-pk")


def posts_given(actor: Actor, span: Span) -> QuerySet[Post]:
    """Posts in the actor's places, those that ended or never came into force among them, the last given first. Raises NotPermittedError."""
    require(actor, AUDIT)
    named = span.named("account") | span.named("given_by")
    days = Q()
    if span.since is not None:
        days &= Q(start__gte=span.since)
    if span.until is not None:
        days &= Q(start__lte=span.until)
    found = Post.every.filter(scope_filter(actor, AUDIT, "division_code"), named, days)
    return found.select_related(
        "account", "given_by", "confirmed_by", "ended_by", "delegated_from__account"
    ).order_by("-start", "-pk")


def failed_log_ins(actor: Actor, span: Span) -> QuerySet[FailedLogIn]:
    """Attempts to log in that failed, the newest first, each with `of`: whose name it is, empty for nobody's. Raises NotPermittedError."""
    officers = Account.objects.filter(username=OuterRef("username"), kind=Account.Kind.OFFICER)
    seen = Q(Exists(officers.filter(_holding(actor))))
    if any(len(prefix) <= CITY_DIGITS for prefix in actor.scopes(AUDIT)):
        seen |= ~Q(Exists(Account.objects.filter(username=OuterRef("username"))))
    found = FailedLogIn.objects.filter(seen, span.within("at"))
    if span.officer:
        found = found.filter(Q(username=span.officer) | Q(Exists(officers.filter(display_name=span.officer))))
    return found.annotate(of=Subquery(officers.values("display_name")[:1])).order_by("-at", "-pk")


def _theirs(actor: Actor) -> Q:
    """Rows about accounts of officers who hold or held a post in the actor's places."""
    officers = Account.objects.filter(_holding(actor), pk=OuterRef("account"), kind=Account.Kind.OFFICER)
    return Q(Exists(officers))


def _holding(actor: Actor) -> Q:
    require(actor, AUDIT)
    held = Post.every.filter(scope_filter(actor, AUDIT, "division_code"), account=OuterRef("pk"))
    return Q(Exists(held))
