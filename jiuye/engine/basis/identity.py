"""Numbers that name a person or an organisation: ID numbers, credit codes, mobile phones; and how spreadsheets ruin them.

Source: GB 11643-1999 (ID numbers; the check character is ISO 7064:1983 MOD 11-2), GB 32100-2015 (credit codes).
A number's own division code is only checked for its province: codes of counties change, and people keep the
number of the place and year in which it was issued.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import uscc

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK_CHARACTERS = "10X98765432"  # by the weighted sum modulo 11
# GB/T 2260: the first two digits. 81 to 83 are residence permits of Hong Kong, Macao and Taiwan residents.
PROVINCES = frozenset(
    [
        *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46),
        *(50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83),
    ]
)

Fault = Literal[
    "empty",
    "mangled_exponent",
    "mangled_zeros",
    "length",
    "character",
    "province",
    "birth_date",
    "checksum",
]

_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d*)?[eE]\+?\d{1,3}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
ACCOUNT_SHAPE = r"^[0-9]{10,30}$"  # a bank account
# A bank card: only its last digit checks the others.
CARD_SHAPE = r"^62[0-9]{14,17}$"
# Numbers within a text that say who somebody is, or where their money goes, whoever it is: mobile phones, ID numbers and bank accounts,
# also as people write them in groups. Numbers of our own (`321003-20250609-000123`) are none of them.
NUMBERS_OF_SOMEBODY = re.compile(
    r"(?<![\d-])(?:1[3-9]\d(?:[- ]?\d{4}){2}|\d{6} ?\d{8} ?\d{3}[\dXx]|\d{11,19}|\d{4}(?: \d{4}){2,3}(?: \d{1,3})?)(?!-?\d)"
)
# Zero-width characters, direction marks, and the byte-order mark come along when text is pasted from web pages.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x2060, 0xFEFF], None
)


class IdNumberError(ValueError):
    """Not an ID number. `fault` names the kind of mistake; the sentence is for people."""

    SENTENCES = {
        "empty": "身份证号为空。",
        "mangled_exponent": "身份证号被电子表格变成了科学计数法，后几位已经丢失，无法还原。",
        "mangled_zeros": "身份证号被电子表格按数值保存，第16位以后已被舍入，无法还原。",
        "length": "身份证号应为18位（旧号15位）。",
        "character": "身份证号只能由数字组成，末位可以是X。",
        "province": "身份证号的前两位不是省级区划代码。",
        "birth_date": "身份证号中的出生日期不存在。",
        "checksum": "身份证号的校验位不对，可能输错或少抄了数字。",
    }

    def __init__(self, fault: Fault) -> None:
        self.fault: Fault = fault
        super().__init__(self.SENTENCES[fault])


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid ID number in its 18-character form, and what it says of its holder."""

    text: str
    division_code: str  # six digits, of the place and year of issue
    birth_date: date
    sex: Literal["male", "female"]
    was_fifteen: bool  # written in the form of before 1999


def clean_number(text: str) -> str:
    """A number as people paste it: full-width digits, spaces, quotes, invisible characters and `.0` taken away."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    text = re.sub(r"[\s'’‘`\"]", "", text)
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def check_character(first_seventeen: str) -> str:
    """The 18th character that belongs to 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, ID_WEIGHTS, strict=True))
    return ID_CHECK_CHARACTERS[total % 11]


def is_exponent(text: str) -> bool:
    """True for a number in scientific notation, such as 3.21002E+17: digits are lost for good."""
    return _EXPONENT.fullmatch(clean_number(text)) is not None


def rounded_to_zeros(text: str) -> bool:
    """True for 16 to 19 digits that are zeros from the sixteenth on: Excel keeps 15 significant digits.

    A genuine number may look so (one ID number in a thousand ends in 000): ask the checksum first.
    """
    text = clean_number(text)
    return text.isascii() and text.isdigit() and 16 <= len(text) <= 19 and set(text[15:]) == {"0"}


def is_binary_double(text: str) -> bool:
    """True for a long number that a binary double holds exactly: other programs than Excel round to one.

    Beyond 2⁵³ a double holds only multiples of 2, 4, … 64, so one number in 64 is one by chance: a single number proves
    nothing, a column of them does.
    """
    text = clean_number(text)
    return text.isascii() and text.isdigit() and 16 <= len(text) <= 19 and int(float(text)) == int(text)


def parse_id_number(text: str, *, on: date | None = None) -> IdNumber:
    """The ID number in `text`, 15 or 18 characters, x or X.

    A birth date after `on` (where given) or before 1880 is refused.
    Raises IdNumberError.
    """
    number = clean_number(text).upper()
    if not number:
        raise IdNumberError("empty")
    if _EXPONENT.fullmatch(number):
        raise IdNumberError("mangled_exponent")
    if not (number.isascii() and re.fullmatch(r"\d+X?", number)):
        raise IdNumberError("character")
    was_fifteen = len(number) == 15 and number.isdigit()
    if was_fifteen:
        number = number[:6] + "19" + number[6:]  # the old form was given to people born from 1900 to 1999
        number += check_character(number)
    if len(number) != 18:
        raise IdNumberError("length")
    if number[-1] != check_character(number[:17]):
        raise IdNumberError("mangled_zeros" if rounded_to_zeros(number) else "checksum")
    # Since 2023 foreigners' permanent residence cards carry 18 characters beginning with 9 and the same tail.
    if int(number[:2]) not in PROVINCES and number[0] != "9":
        raise IdNumberError("province")
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdNumberError("birth_date") from None
    if birth.year < 1880 or (on is not None and birth > on):
        raise IdNumberError("birth_date")
    return IdNumber(number, number[:6], birth, "male" if int(number[16]) % 2 else "female", was_fifteen)


def is_credit_code(text: str) -> bool:
    """True for a unified social credit code whose check character is right (GB 32100-2015)."""
    return uscc.is_valid(clean_number(text).upper())


def credit_code_organisation(code: str) -> str:
    """The kind of organisation that a credit code's first two characters name, as the registry calls it, or "".

    Source: GB 32100-2015 table 1, registration authority and organisation class.
    """
    return {
        "11": "government",
        "12": "public_institution",
        "13": "social_organisation",
        "51": "social_organisation",
        "52": "private_non_enterprise",
        "91": "enterprise",
        "92": "individual_business",
        "93": "enterprise",
    }.get(code[:2], "")


def clean_phone(text: str) -> str:
    """A mobile number without spaces, dashes and the country's prefix."""
    number = re.sub(r"[-()]", "", clean_number(text))
    return re.sub(r"^(?:\+86|0086|86(?=1\d{10}$))", "", number)


def is_mobile_phone(text: str) -> bool:
    """True for 11 digits that begin with 13 to 19."""
    return _MOBILE.fullmatch(clean_phone(text)) is not None


def clean_account(text: str) -> str:
    """A bank account's number without spaces and dashes."""
    return clean_number(text).replace("-", "")


def account_fault(text: str) -> Literal["", "shape", "checksum"]:
    """What is wrong with a bank account's number: it is not 10 to 30 digits, or a bank card (62…) with a wrong check digit; "" for neither."""
    number = clean_account(text)
    if re.fullmatch(ACCOUNT_SHAPE, number) is None:
        return "shape"
    return "checksum" if re.fullmatch(CARD_SHAPE, number) and not luhn_passes(number) else ""


def luhn_passes(digits: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1 annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
