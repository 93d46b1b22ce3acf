"""Numbers that pass every check and yet belong to nobody: ID numbers, credit codes, phones, accounts.

ID numbers take their sequence from 900 upwards and credit codes an organisation code that begins with 99: police
stations and registrars hand both out from below, so that an invented number is known when it is met.
"""

from __future__ import annotations

from datetime import date

from stdnum import luhn
from stdnum.cn import uscc

from jiuye.engine.basis.identity import check_character

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# First two characters of the credit code (GB 32100-2015): who registers, and what.
CREDIT_PREFIX = {
    "enterprise": "91",
    "individual_business": "92",
    "private_non_enterprise": "52",
    "social_organisation": "51",
    "government": "11",
    "public_institution": "12",
}


class NumbersExhaustedError(RuntimeError):
    """More people of one place, day and sex than synthetic sequence numbers."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"合成身份证号的顺序码已用完（{prefix}）；请缩小演示城市的规模。")


class Numbers:
    """Hands out numbers, none twice."""

    def __init__(self) -> None:
        self._sequences: dict[str, int] = {}
        self._organisations = 0
        self._phones = 0
        self._permits = 0
        self._accounts = 0

    def id_number(self, division: str, birth: date, sex: str) -> str:
        """18 characters (GB 11643-1999): division, birth date, sequence (odd for men), check character."""
        prefix = f"{division}{birth:%Y%m%d}"
        key = f"{prefix}{sex}"
        used = self._sequences.get(key, 0)
        if used >= 250:
            raise NumbersExhaustedError(prefix)
        self._sequences[key] = used + 1
        # 901, 903 … 999 first, then downwards from 899: always odd for men, even for women.
        sequence = 901 + 2 * used if used < 50 else 899 - 2 * (used - 50)
        body = f"{prefix}{sequence if sex == 'male' else sequence - 1:03}"
        return body + check_character(body)

    def travel_permit(self) -> str:
        """A 港澳居民来往内地通行证: a letter and eight digits, which say nothing of a birth date."""
        self._permits += 1
        return f"H99{self._permits:06}"

    def credit_code(self, kind: str, division: str) -> str:
        """18 characters (GB 32100-2015), with the organisation code's own check character (GB 11714-1997) inside."""
        self._organisations += 1
        number, digits = self._organisations, ""
        for _ in range(6):
            number, index = divmod(number, len(_ALPHABET))
            digits = _ALPHABET[index] + digits
        body = "99" + digits
        # In GB 11714 a letter counts 10 for A to 35 for Z.
        total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
        check = 11 - total % 11
        organisation = body + {10: "X", 11: "0"}.get(check, str(check))
        seventeen = CREDIT_PREFIX[kind] + division + organisation
        return seventeen + uscc.calc_check_digit(seventeen)

    def phone(self) -> str:
        """A mobile number of the 199 segment with zeros after it, which is not in use."""
        self._phones += 1
        return f"1990{self._phones:07}"

    def account(self) -> str:
        """A card number of 19 digits, its check digit right, under an issuer number (629900) that no bank holds."""
        self._accounts += 1
        body = f"629900{self._accounts:012}"
        return body + luhn.calc_check_digit(body)
