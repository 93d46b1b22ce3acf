"""Acting by a relative's authority: which are in force, why one is not, and the mark that each act by it leaves. For cases, and for matters above."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, Value
from django.utils.translation import gettext

from jiuye.office.casework.models.authorities import Authority, AuthorityUse
from jiuye.office.casework.refusals import Refusal
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped


class SpokenFor(Protocol):
    """A case or a matter: something that a relative may ask for at the counter in a resident's stead. `about` is its text key, `names` what
    is asked for in both languages."""

    authority_id: Any
    person_id: Any
    number: Any
    about: Any
    names: Any
    timeline: Any


class AuthorityNotFoundError(Refusal):
    """There is no such authority, it is somebody else's, or it lies outside what the actor may see: these are not told apart."""

    def __init__(self) -> None:
        super().__init__(gettext("没有登记本人给亲属的这份授权；请在居民页面登记授权后再办。"))


class AuthorityEndedError(Refusal):
    """The authority is not in force on the day: it says since when not, and what to do instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            gettext(
                "%(reason)s，代办人不能再凭它办理；请改由本人到场办理，或者在居民页面登记新的授权后改由新的代办人办理。"
            )
            % {"reason": reason}
        )


class HolderActsError(Refusal):
    """The officer bears the name of a relative whom the resident authorised, now or before: nobody takes in or decides what is their family's."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "本人授权代办的亲属（包括已终止、已到期的授权）与您同名，为回避亲属关系，不能由您登记、代办、受理、审核或决定；"
                "请由同一窗口的另一位人员办理，窗口没有别人的，由上一级窗口办理。"
            )
        )


class AcceptedByHolderError(Refusal):
    """Whoever accepted this one bears the name of the relative who would now speak for its applicant."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "受理这一件的经办人员与这位亲属同名，不能改由其代办；请由本人到场办理，或者由另一位亲属持授权代办。"
            )
        )


def why_not_in_force(authority: Authority, *, on: date) -> str:
    """In words why nothing can be done by it on that day; empty where it is in force."""
    if authority.withdrawn_on is not None:
        return gettext("这份授权已于 %(day)s 终止") % {"day": authority.withdrawn_on.isoformat()}
    if on < authority.start:
        return gettext("这份授权从 %(day)s 起才有效") % {"day": authority.start.isoformat()}
    if on >= authority.until:
        last = authority.until - timedelta(days=1)
        return gettext("这份授权 %(day)s 已到期") % {"day": last.isoformat()}
    died = authority.person.death_date
    if died is not None and died <= on:
        # 《民法典》第一百七十三条第四项: the authority ends with whoever gave it.
        return gettext("登记显示本人已于 %(day)s 去世，授权随之终止") % {"day": died.isoformat()}
    return ""


def authorities_in_force(person_id: int | None, *, on: date) -> list[Authority]:
    """Those by which somebody may act for this resident on that day, for a page that has checked its scope."""
    found = Authority.objects.filter(
        person_id=person_id, withdrawn_on__isnull=True, start__lte=on, until__gt=on, erased_on__isnull=True
    )
    return [one for one in found.select_related("person").order_by("pk") if not why_not_in_force(one, on=on)]


def held(authority_id: int, *, person_id: int | None, actor: Actor, on: date) -> Authority:
    """The authority, held until the transaction ends, in force for this resident and not the officer's own.

    Raises AuthorityNotFoundError, AuthorityEndedError, HolderActsError.
    """
    with unscoped(
        "the resident may have moved since; whoever acts has been let to the case or matter itself"
    ):
        found = (
            Authority.objects.select_for_update(of=("self",), no_key=True)
            .select_related("person")
            .filter(pk=authority_id, person_id=person_id)
            .first()
        )
    if found is None:
        raise AuthorityNotFoundError
    if reason := why_not_in_force(found, on=on):
        raise AuthorityEndedError(reason)
    if may_be_holder(actor.account_id, authority_id=found.pk):
        raise HolderActsError
    return found


def may_be_holder(account_id: int, *, person_id: int | None = None, authority_id: int | None = None) -> bool:
    """Whether an officer may be the relative of one authority, or one whom this resident ever authorised: officers' accounts hold a name and
    no ID number, so that a name decides. Answered by the database (migration 0020), for acts, pages and its own triggers alike."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT casework_may_be_holder(%s, %s, %s)", [person_id, authority_id, account_id])
        return bool(cursor.fetchone()[0])


def require_no_relative(person_id: int | None, actor: Actor) -> None:
    """Of whoever begins something for a resident at the counter, takes it in, reviews, decides or refuses it: raise HolderActsError where
    they may be a relative whom this resident ever authorised, whoever asks for it this time."""
    if person_id is not None and may_be_holder(actor.account_id, person_id=person_id):
        raise HolderActsError


class MayBeHolder(Func):
    """The question of `may_be_holder`, asked with the rows of a page: of the resident in a column, or of the authority in one."""

    function = "casework_may_be_holder"
    output_field = BooleanField()

    def __init__(self, account_id: int, *, person: str = "", authority: str = "") -> None:
        keys = (F(column) if column else _key(None) for column in (person, authority))
        super().__init__(*keys, _key(account_id))


class OfTheFamily(Func):
    """The same question of each account of a list, for one resident: who of them may be a relative."""

    function = MayBeHolder.function
    output_field = BooleanField()

    def __init__(self, person_id: int | None) -> None:
        super().__init__(_key(person_id), _key(None), F("pk"))


def why_not_theirs(person_id: int | None, actor: Actor) -> str:
    """In words, for a page, why an officer does nothing here that `require_no_relative` would refuse; empty where they may."""
    if actor.kind != "officer" or person_id is None:
        return ""
    return words_for_holder(may_be_holder(actor.account_id, person_id=person_id))


def words_for_holder(may_be: bool) -> str:
    """What `MayBeHolder` said, in the words of `why_not_theirs`."""
    return str(HolderActsError()) if may_be else ""


def _key(value: int | None) -> Value:
    return Value(value, output_field=BigIntegerField())


def mark_use(
    authority: Authority,
    thing: SpokenFor,
    act: str,
    *,
    actor: Actor,
    on: date,
    at: datetime,
) -> dict[str, Any]:
    """Write down that `act` was done by the authority; returns what the timeline keeps of it, the name masked."""
    AuthorityUse.objects.create(
        authority=authority,
        about=thing.about,
        number=thing.number,
        name=thing.names[0],
        name_en=thing.names[1],
        act=act,
        before_name=actor.name,
        on_date=on,
        at=at,
    )
    return {
        "authority": authority.pk,
        "holder": authority.masked_holder,
        "relation": authority.relation,
    }


def by_relative(
    thing: SpokenFor,
    act: str,
    *,
    actor: Actor,
    on: date,
    at: datetime,
) -> dict[str, Any]:
    """What the timeline keeps where an officer takes an act of the applicant from the relative who speaks for them; empty otherwise.

    What the applicant does on their own pages is theirs, whoever spoke for them before. Raises as `held`, and HolderActsError where the
    officer may be a relative of the applicant, whoever has come.
    """
    if actor.kind != "officer":
        return {}
    require_no_relative(thing.person_id, actor)
    if thing.authority_id is None:
        return {}
    authority = held(thing.authority_id, person_id=thing.person_id, actor=actor, on=on)
    return mark_use(authority, thing, act, actor=actor, on=on, at=at)
