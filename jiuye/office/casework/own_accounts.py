"""Accounts that a counter opens for a resident or a firm on record that has come with its papers, and what is done to them later.

Nobody opens the account of their own record or of a possible relative's: whoever gives the first password could confirm, object and read
in another's name until it is replaced. An account is for its owner's own hands: a relative who acts by authority comes to the counter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import gettext, gettext_lazy

from jiuye.engine.messages import Words
from jiuye.office.casework.authorities import may_be_holder
from jiuye.office.casework.operations.steps import one_act
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.telling import day_words
from jiuye.office.messages.operations import write
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff import subject_accounts
from jiuye.office.staff.keeping_accounts import AccountRefusedError
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import NAME, within
from jiuye.office.staff.subject_accounts import OPEN_FOR_OTHERS, Subject

RESIDENT, EMPLOYER = str(Account.Kind.RESIDENT), str(Account.Kind.EMPLOYER)
ACTS: dict[str, Callable[..., tuple[Account, str]]] = {
    "open": subject_accounts.open_for,
    "password": subject_accounts.give_password_for,
    "reopen": subject_accounts.open_again_for,
    "shut": subject_accounts.shut_for,
}
# What was done, in both languages of the message that says so.
DONE = {
    "open": Words("服务窗口开通了您的账号", "a counter opened your account"),
    "password": Words(
        "服务窗口给您的账号发了一次性密码，原密码作废", "a counter gave your account a one-time password"
    ),
    "shut": Words("服务窗口停用了您的账号", "a counter shut your account"),
    "reopen": Words("服务窗口重新启用了您的账号", "a counter opened your account again"),
}


class NoSuchSubjectError(Refusal):
    """No resident or firm of that number, or not of one's places: these are not told apart."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这位居民（这家单位），或者不在您的管辖范围内；请核对编号。"))


class OwnOrRelativeError(Refusal):
    """The officer bears the resident's own name, or a relative's; or that of the firm's person who has come."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "本人、经办人或者本人授权过的亲属与您同名，为回避，不能由您开设账号、发密码或停用；请由同一窗口的另一位人员办理。"
            )
        )


class PapersNotSeenError(Refusal):
    """An account is given to nobody whose papers were not looked at."""

    field = "seen"

    def __init__(self) -> None:
        super().__init__(gettext("没有核对证件原件，没有办理；请当面核对后勾选。"))


class GoneError(Refusal):
    """Who has died, or a firm that is struck off, is given no account."""


def act_on_own_account(
    *,
    act: str,
    actor: Actor,
    kind: str,
    subject_id: int,
    because: str,
    on: date,
    at: datetime,
    seen: bool = False,
    agent: str = "",
    username: str = "",
) -> tuple[Account, str]:
    """One of ACTS on the account of whoever has come with their papers (`seen`); for a firm, of the person whom it authorised (`agent`).
    Returns the account and its one-time password: it is opened under `username`, given another password, or in use again.

    Shutting it needs no papers (its owner asks for it, or somebody else got hold of it) and gives no password.
    Raises NoSuchSubjectError, OwnOrRelativeError, PapersNotSeenError, GoneError, AccountRefusedError, TooLongError, NotPermittedError,
    MessagesUnreadableError.
    """
    shuts = act == "shut"
    named = {"username": username} if act == "open" else {}
    with one_act(f"{act}_own_account"):
        subject = _theirs(actor, kind, subject_id, agent=agent, on=on, needs_papers=not shuts, seen=seen)
        words = because if shuts else _because(kind, agent, because)
        account, password = ACTS[act](subject, actor=actor, because=words, at=at, **named)
        tell_account(subject, account, DONE[act], on=on, at=at)
    return account, password


def why_no_account(record: Person | Employer, *, on: date) -> str:
    """In words why this resident or firm is given no account; empty where they may have one."""
    gone = record.death_date if isinstance(record, Person) else record.closed_on
    if gone is None or gone > on:
        return ""
    if isinstance(record, Person):
        return gettext("登记显示本人已于 %(day)s 去世，不开设账号；登记有误的请先更正。") % {
            "day": gone.isoformat()
        }
    return gettext("登记显示单位已于 %(day)s 注销，不开设账号；登记有误的请先更正。") % {
        "day": gone.isoformat()
    }


def _theirs(
    actor: Actor,
    kind: str,
    subject_id: int,
    *,
    agent: str,
    on: date,
    needs_papers: bool,
    seen: bool,
) -> Subject:
    """The record, held until the transaction ends, so that no second account is opened meanwhile."""
    model: type[Person] | type[Employer] = Person if kind == RESIDENT else Employer
    record = model.objects.select_for_update(of=("self",), no_key=True).filter(pk=subject_id).first()
    if record is None:
        raise NoSuchSubjectError
    place = record.residence_division_id if isinstance(record, Person) else record.division_id
    require(actor, OPEN_FOR_OTHERS, place)
    agent = within(agent, NAME, "经办人姓名", "agent")
    names = {record.name} if isinstance(record, Person) else {agent} - {""}
    if blind_index(actor.name) in {blind_index(name) for name in names} or (
        isinstance(record, Person) and may_be_holder(actor.account_id, person_id=record.pk)
    ):
        raise OwnOrRelativeError
    if needs_papers:
        if why := why_no_account(record, on=on):
            raise GoneError(why)
        if not seen:
            raise PapersNotSeenError
        if kind == EMPLOYER and not agent:
            raise AccountRefusedError(gettext("请写明单位授权的经办人姓名。"), "agent")
    return Subject(kind, str(record.pk), record.name, place)


def _because(kind: str, agent: str, because: str) -> str:
    """The reason as it is kept: with the papers that were looked at."""
    papers = (
        "已核对本人身份证" if kind == RESIDENT else f"已核对营业执照、授权书和经办人{agent.strip()}的身份证"
    )
    return f"{papers}；{because.strip()}" if because.strip() else ""


def tell_account(subject: Subject, account: Account, done: Words, *, on: date, at: datetime) -> None:
    """Write to its owner what was done to the account; its newest act names the message. Raises MessagesUnreadableError."""
    number = int(subject.key)
    write(
        occasion="account_changed",
        key=f"account:{account.pk}:{account.acts.order_by('-pk').values_list('pk', flat=True)[0]}",
        about=f"account:{account.pk}",
        recipient_kind="person" if subject.kind == RESIDENT else "employer",
        person_id=number if subject.kind == RESIDENT else None,
        employer_id=number if subject.kind == EMPLOYER else None,
        division_code=subject.division_code,
        values={"day": day_words(on), "done": done, "username": Words(account.username)},
        on=on,
        at=at,
    )


# Where the reason of an account's act is asked for on a page.
SEEN = {
    RESIDENT: gettext_lazy("已当面核对本人的身份证原件"),
    EMPLOYER: gettext_lazy("已当面核对营业执照、单位授权书和经办人的身份证原件"),
}
