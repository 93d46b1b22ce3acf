"""What is written about a resident or an employer at a counter, cleaned and judged by the rules of an import, in an import's words.

A file is judged column by column (`importing.validation`), a counter one value at a time: the cleaning, the numbers' own rules, the places and
the sentences are the same functions and texts. Everything that is wrong is said at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jiuye.engine.basis.identity import (
    IdNumber,
    IdNumberError,
    account_fault,
    clean_account,
    clean_number,
    clean_phone,
    credit_code_organisation,
    is_credit_code,
    is_mobile_phone,
    parse_id_number,
)
from jiuye.office.registry.importing.kinds import NAME_ODD, cleaned_name, cleaned_text
from jiuye.office.registry.importing.places import Gazetteer
from jiuye.office.registry.importing.reasons import worded
from jiuye.office.registry.states import EMPLOYER_KINDS, INDUSTRIES, PERSON_PAPERS
from jiuye.office.staff.refusals import too_long

EARLIEST = date(1900, 1, 1)  # as an import takes dates
COUNTY_DIGITS = 6
# Whose number a paper bears, by how it begins; any other number is a citizen's, and stands on the first three papers.
RESIDENCE_PERMITS, FOREIGNERS = ("81", "82", "83"), "9"
CITIZENS_PAPERS = ("id_card", "temporary_id_card", "household_book")


@dataclass
class Judged:
    """The values as they are kept, what is worth knowing, and what is wrong: sentences with the field that each is about."""

    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, name: str, code: str, *, value: str = "", a: str = "", b: str = "") -> None:
        """Say what is wrong and what to do, as an import says it of a cell."""
        said = worded(field=name, code=code, value=value, a=a, b=b)
        self.wrong.append((name, _("%(says)s；%(do)s。") % {"says": said.says, "do": said.do}))

    def say(self, name: str, sentence: str) -> None:
        """Say something that an import has no words for."""
        self.wrong.append((name, sentence))

    def note(self, name: str, code: str, *, value: str = "") -> None:
        """Something worth knowing of what is registered all the same."""
        self.notes.append(worded(field=name, code=code, value=value, a="", b="").says)

    def fits(self, name: str, text: str, most: int, what: str) -> bool:
        """Whether these are no more words than are kept; says so where they are."""
        if len(text) > most:
            self.say(name, too_long(what, most=most, over=len(text) - most))
        return len(text) <= most


def judged_person(given: Mapping[str, str], *, paper: str, on: date) -> Judged:
    """A resident's columns. Sex and birth date are what the ID number says."""
    judged, gazetteer = Judged(), Gazetteer.load(on)
    name = cleaned_name(given.get("name", ""))
    if not name:
        judged.refuse("name", "empty")
    elif judged.fits("name", name, 60, "姓名") and re.search(NAME_ODD, name):
        judged.refuse("name", "name_odd")
    identity = _identity(judged, given.get("id_number", ""), on)
    if identity is not None:
        _check_paper(judged, identity, paper)
    phone = clean_phone(given.get("phone", ""))
    if phone and not is_mobile_phone(phone):
        judged.refuse("phone", "phone_shape")
    address = cleaned_text(given.get("address", ""))
    judged.fits("address", address, 200, "住址")
    residence = _place(judged, gazetteer, "residence_division", given.get("residence_division", ""))
    if residence and len(residence) <= COUNTY_DIGITS:
        judged.note("residence_division", "residence_coarse", value=gazetteer.names[residence])
    judged.values = {
        "name": name,
        "phone": phone,
        "address": address,
        "residence_division_id": residence,
        "hukou_kind": given.get("hukou_kind", ""),
        "hukou_division_id": _hukou(judged, gazetteer, given.get("hukou_division", "")),
    }
    if identity is not None:
        judged.values |= {
            "id_number": identity.text,
            "birth_date": identity.birth_date,
            "sex": identity.sex,
        }
    return judged


def judged_employer(given: Mapping[str, Any], *, on: date) -> Judged:
    """An employer's columns. Its kind is what the credit code says; where the code does not tell, the one that was chosen."""
    judged, gazetteer = Judged(), Gazetteer.load(on)
    name = cleaned_text(given.get("name", ""))
    if not name:
        judged.say("name", _("请填写单位名称，照证件上的全称。"))
    judged.fits("name", name, 120, "名称")
    code = clean_number(given.get("credit_code", "")).upper()
    if not is_credit_code(code):
        judged.refuse("credit_code", "code_invalid")
        kind = given.get("kind", "")
    else:
        kind = _kind(judged, credit_code_organisation(code), given.get("kind", ""))
    industry = given.get("industry", "")
    if industry and industry not in INDUSTRIES:
        judged.say("industry", _("请选择行业门类。"))
    founded = given.get("founded_on")
    if founded is not None and not EARLIEST <= founded <= on:
        judged.say("founded_on", _("成立日期要在1900年以后、今天以前；请照证件核对年月日。"))
    bank = cleaned_text(given.get("bank_name", ""))
    judged.fits("bank_name", bank, 60, "开户行")
    judged.values = {
        "name": name,
        "credit_code": code,
        "kind": kind,
        "division_id": _place(judged, gazetteer, "division", given.get("division", "")),
        "size": given.get("size", ""),
        "industry": industry,
        "founded_on": founded,
        "bank_account": _account(judged, given.get("bank_account", ""), bank),
        "bank_name": bank,
    }
    return judged


def _identity(judged: Judged, text: str, on: date) -> IdNumber | None:
    try:
        identity = parse_id_number(text, on=on)
    except IdNumberError as error:
        number = clean_number(text).upper()
        if error.fault in ("character", "mangled_exponent"):
            judged.say("id_number", _("身份证号里有数字和X以外的字符；请照证件原件填写。"))
            return None
        # Nobody rounds what is read from a card: a wrong digit is a wrong digit, however the number ends.
        code = "checksum" if error.fault == "mangled_zeros" else error.fault
        shown = {"length": str(len(number)), "province": number[:2], "birth_date": number[6:14]}
        judged.refuse("id_number", f"id_{code}", a=shown.get(code, ""))
        return None
    if identity.was_fifteen:
        judged.note("id_number", "fifteen_digits")
    return identity


def _check_paper(judged: Judged, identity: IdNumber, paper: str) -> None:
    """The number is one that this paper bears."""
    if identity.text.startswith(RESIDENCE_PERMITS):
        bearers: tuple[str, ...] = ("residence_permit",)
    else:
        bearers = ("permanent_residence",) if identity.text.startswith(FOREIGNERS) else CITIZENS_PAPERS
    if paper in PERSON_PAPERS and paper not in bearers:
        names = _("、").join(_(PERSON_PAPERS[one]) for one in bearers)
        judged.say(
            "paper",
            _("这个号码是%(papers)s上的号码，与所选的证件不符；请照出示的证件核对。") % {"papers": names},
        )


def _place(judged: Judged, gazetteer: Gazetteer, name: str, text: str) -> str:
    """The division that was named, by code or name; "" where it is wrong, which is said."""
    if not text.strip():
        judged.say(name, _("请选择区划。"))
        return ""
    place = gazetteer.find(text)
    if place.fault:
        judged.refuse(name, f"place_{place.fault}", value=text.strip(), a=place.detail)
    return place.code


def _hukou(judged: Judged, gazetteer: Gazetteer, text: str) -> str | None:
    """The division of the household register. People come from everywhere: what is not of this city is none of its divisions, and is noted."""
    if not text.strip():
        return None
    place = gazetteer.find(text)
    if place.fault == "unlike":
        judged.note("hukou_division", "hukou_elsewhere", value=text.strip())
    elif place.fault:
        judged.refuse("hukou_division", f"place_{place.fault}", value=text.strip(), a=place.detail)
    return place.code or None


def _kind(judged: Judged, by_code: str, chosen: str) -> str:
    if not (by_code or chosen):
        judged.say("kind", _("从信用代码看不出单位类型；请照证件选择类型。"))
    elif by_code and chosen and chosen != by_code:
        judged.say(
            "kind",
            _("信用代码的前两位表示“%(kind)s”，与所选的类型不符；请核对代码和类型。")
            % {"kind": _(EMPLOYER_KINDS[by_code])},
        )
    return by_code or chosen


def _account(judged: Judged, text: str, bank: str) -> str:
    """An account of 10 to 30 digits whose check digit is right, with its bank; or none."""
    account = clean_account(text)
    if not account:
        return ""
    if fault := account_fault(account):
        judged.refuse("bank_account", f"account_{fault}")
    if not bank:
        judged.say("bank_name", _("登记收款账号，也要写明开户行；两样齐全才能付款。"))
    return account
