"""The account of whoever the provider of the public vouches for: found by the ID number or the credit code, and opened at the first sign-on.

The number decides every time, not the provider's own number of a person: whom a firm authorises no longer comes without its credit code, and
one person may come for themselves and for a firm. Nothing is guessed: an unknown number opens nothing, nor does a name that is not the one on
record. An officer's account is never found here and never made.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.basis.identity import IdNumberError, parse_id_number
from jiuye.engine.messages import Words
from jiuye.exchange.sign_on import SignedOn
from jiuye.office.casework.own_accounts import EMPLOYER, RESIDENT, tell_account, why_no_account
from jiuye.office.casework.refusals import Refusal
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.keeping_accounts import record_act
from jiuye.office.staff.models import Account, RefusedSignOn
from jiuye.office.staff.subject_accounts import Subject, account_of_subject, shown_name

OPENED = Words("经统一身份认证开通了您的账号", "your account was opened over the single sign-on")


class NotVouchedForError(Refusal):
    """The provider says neither an ID number nor a credit code, or no name with it."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "统一身份认证没有给出姓名和身份证号（统一社会信用代码），没有登录；请先在那里完成实名认证，或者带证件到服务窗口开设账号。"
            )
        )


class NotOnRecordError(Refusal):
    """Nobody on record has that number."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            gettext("没有登记过这个身份证号，没有登录；请带身份证到常住地的街道（社区）服务窗口登记，登记后再登录。")
            if kind == RESIDENT
            else gettext("没有登记过这个统一社会信用代码，没有登录；请带营业执照到单位所在地的服务窗口登记，登记后再登录。")
        )  # fmt: skip


class RefusedOnRecordError(Refusal):
    """The number is on record and its owner is not let in; it is kept with the record why (`reason` of RefusedSignOn)."""

    def __init__(self, sentence: str, kind: str, key: str, reason: str) -> None:
        super().__init__(sentence)
        self.kind, self.key, self.reason = kind, key, reason


def vouched_account(who: SignedOn, *, on: date, at: datetime) -> Account:
    """The account of the resident or the firm that is vouched for, opened where there is none yet. What is refused of somebody on record is kept.

    Raises NotVouchedForError, NotOnRecordError, RefusedOnRecordError, MessagesUnreadableError.
    """
    try:
        with transaction.atomic():
            return _found(who, on=on, at=at)
    except RefusedOnRecordError as error:
        RefusedSignOn.objects.create(
            kind=error.kind, subject_key=error.key, reason=error.reason, issuer=who.issuer[:200], at=at
        )
        raise


def refused_lately(kind: str, key: str, *, most: int = 3) -> list[RefusedSignOn]:
    """When somebody with that number was not let in, the latest first."""
    found = RefusedSignOn.objects.filter(kind=kind, subject_key=key)
    return list(found.order_by("-at", "-pk")[:most])


def _found(who: SignedOn, *, on: date, at: datetime) -> Account:
    kind = EMPLOYER if who.vouched.get("credit_code") else RESIDENT
    name = who.vouched.get("name", "")
    record = _record(kind, who)
    if not name:
        raise NotVouchedForError
    key = str(record.pk)
    if isinstance(record, Person) and _plain(name) != _plain(record.name):
        raise RefusedOnRecordError(
            gettext(
                "统一身份认证里的姓名与登记的不一致，没有登录，已记录；请带身份证到常住地的街道（社区）服务窗口核对、更正。"
            ),
            kind,
            key,
            "name",
        )
    if why_no_account(record, on=on):
        raise RefusedOnRecordError(
            gettext("登记显示已经去世（注销），没有登录，已记录；登记有误的请带证件到服务窗口更正。"), kind, key, "gone"
        )  # fmt: skip
    account = account_of_subject(kind, key)
    if account is None:
        return _opened(kind, record, name, on=on, at=at)
    if not account.is_active:
        raise RefusedOnRecordError(
            gettext("账号已停用，没有登录；请带证件到服务窗口重新启用。"), kind, key, "shut"
        )
    return account


def _record(kind: str, who: SignedOn) -> Person | Employer:
    """The one on record with that number, held until the transaction ends, so that two sign-ons at once open one account."""
    if kind == EMPLOYER:
        code = who.vouched["credit_code"].upper()
        firms = Employer.objects.select_for_update(of=("self",), no_key=True)
        firm = firms.filter(credit_code=code).first()
        if firm is None:
            raise NotOnRecordError(kind)
        return firm
    if not who.vouched.get("id_number"):
        raise NotVouchedForError
    try:
        number = parse_id_number(who.vouched["id_number"]).text
    except IdNumberError as error:
        raise NotOnRecordError(kind) from error
    people = Person.objects.select_for_update(of=("self",), no_key=True)
    person = people.filter(id_number_index=blind_index(number)).first()
    if person is None:
        raise NotOnRecordError(kind)
    return person


def _opened(kind: str, record: Person | Employer, name: str, *, on: date, at: datetime) -> Account:
    """Without a password: its owner comes over the sign-on, or is given one at the counter."""
    account = Account(
        # Of no use to who finds it: neither a number nor a name is in it.
        username=f"{kind}-{record.pk}-{secrets.token_hex(3)}",
        display_name=shown_name(record.name),
        kind=kind,
        subject_key=str(record.pk),
    )
    account.set_unusable_password()
    account.save()
    words = (
        "统一身份认证核验了身份证号和姓名"
        if kind == RESIDENT
        else f"统一身份认证核验了信用代码，经办人{name[:60]}"
    )
    record_act(account, "vouched", None, words, at)
    place = record.residence_division_id if isinstance(record, Person) else record.division_id
    tell_account(Subject(kind, str(record.pk), record.name, place), account, OPENED, on=on, at=at)
    return account


def _plain(name: str) -> str:
    """A name without what is written differently from register to register: blanks, widths, and the dot inside a name."""
    text = "".join(unicodedata.normalize("NFKC", name).split())
    return text.translate(str.maketrans("•・‧∙.", "·····")).upper()
