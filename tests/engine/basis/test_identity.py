"""ID numbers, credit codes and phones, as people and spreadsheets write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.engine.basis.identity import (
    ID_CHECK_CHARACTERS,
    IdNumberError,
    account_fault,
    check_character,
    clean_phone,
    credit_code_organisation,
    is_binary_double,
    is_credit_code,
    is_exponent,
    is_mobile_phone,
    luhn_passes,
    parse_id_number,
    rounded_to_zeros,
)


def id_number(division: str = "321002", birth: str = "19900101", sequence: str = "123") -> str:
    first = division + birth + sequence
    return first + check_character(first)


def fault_of(text: str, on: date | None = None) -> str:
    with pytest.raises(IdNumberError) as caught:
        parse_id_number(text, on=on)
    return caught.value.fault


def test_the_number_printed_in_the_standard_is_valid():
    # GB 11643-1999, annex A: 11010519491231002X.
    number = parse_id_number("11010519491231002X")
    assert (number.birth_date, number.sex, number.division_code) == (date(1949, 12, 31), "female", "110105")


def test_a_lower_case_x_full_width_digits_spaces_and_a_leading_quote_are_forgiven():
    assert parse_id_number("'１１０１０５ 19491231\u200b002x\t").text == "11010519491231002X"


def test_the_districts_of_yangzhou_past_and_present_are_accepted():
    for division in (
        "321002",
        "321003",
        "321011",
        "321012",
        "321023",
        "321027",
        "321081",
        "321084",
        "321088",
    ):
        assert parse_id_number(id_number(division)).division_code == division


def test_a_fifteen_digit_number_becomes_eighteen():
    number = parse_id_number("110105491231002")
    assert (number.text, number.was_fifteen) == ("11010519491231002X", True)


def test_a_residence_permit_and_a_foreigners_card_are_accepted():
    assert parse_id_number(id_number("810000")).division_code == "810000"
    assert parse_id_number(id_number("911124")).birth_date == date(1990, 1, 1)


def test_scientific_notation_is_called_lost_and_not_a_wrong_character():
    assert fault_of("3.21002E+17") == "mangled_exponent"
    assert fault_of("3.21002199001010e17") == "mangled_exponent"
    assert is_exponent("1.38123E+10")


def test_digits_rounded_to_zeros_are_called_lost():
    good = id_number(birth="19900102", sequence="125")
    assert fault_of(good[:15] + "000") == "mangled_zeros"


def test_a_number_that_a_binary_double_holds_is_known_though_one_alone_proves_nothing():
    good = id_number(sequence="125")
    rounded = str(int(float(good)))
    assert rounded != good
    assert is_binary_double(rounded)
    assert not is_binary_double(good)
    assert fault_of(rounded) == "checksum"


def test_zeros_from_the_sixteenth_digit_are_known_in_bank_accounts_too():
    assert rounded_to_zeros("6222021001116240000")
    assert not rounded_to_zeros("6222021001116245702")
    assert not rounded_to_zeros("123450")


def test_two_digits_that_changed_places_are_a_wrong_checksum_and_not_rounding():
    assert fault_of("110105194912310" + "20X") == "checksum"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("1101051949123100", "length"),
        ("11010519491231002XX", "character"),
        ("张三", "character"),
        (id_number("010105"), "province"),
        (id_number(birth="19900230"), "birth_date"),
        (id_number(birth="18500101"), "birth_date"),
    ],
)
def test_each_mistake_has_its_own_name(text, fault):
    assert fault_of(text) == fault


def test_nobody_is_born_after_the_day_of_the_import():
    number = id_number(birth="20250601")
    assert parse_id_number(number).birth_date == date(2025, 6, 1)
    assert fault_of(number, on=date(2025, 5, 31)) == "birth_date"


digits = st.text("0123456789", min_size=17, max_size=17)


@given(digits, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes_the_checksum(first, place, by):
    changed = first[:place] + str((int(first[place]) + by) % 10) + first[place + 1 :]
    assert check_character(first) != check_character(changed)


@given(digits)
def test_the_check_character_makes_the_weighted_sum_one_modulo_eleven(first):
    # ISO 7064 MOD 11-2 stated the other way round than it is computed: the sum of aᵢ·2^(18-i) is 1 modulo 11.
    values = [int(digit) for digit in first] + [10 if (c := check_character(first)) == "X" else int(c)]
    assert sum(value * pow(2, 17 - place, 11) for place, value in enumerate(values)) % 11 == 1
    assert c in ID_CHECK_CHARACTERS


def test_credit_codes_are_checked_and_name_the_kind_of_organisation():
    assert is_credit_code("91110000600037341L")
    assert is_credit_code("91110000600037341l ")
    assert not is_credit_code("91110000600037342L")
    assert credit_code_organisation("91110000600037341L") == "enterprise"
    assert credit_code_organisation("92321002MA00000000") == "individual_business"
    assert credit_code_organisation("5332100000000000XX") == ""


def test_mobile_numbers_are_known_by_their_shape():
    assert is_mobile_phone("138 1234-5678")
    assert clean_phone("+86 13812345678") == clean_phone("8613812345678") == "13812345678"
    assert not is_mobile_phone("0514-87654321")
    assert not is_mobile_phone("12812345678")
    assert not is_mobile_phone("1381234567")


def test_a_card_number_with_one_wrong_digit_fails_luhn():
    assert luhn_passes("4111111111111111")
    assert not luhn_passes("4111111111111112")


@pytest.mark.parametrize(
    ("account", "fault"),
    [
        ("3205 0000-0000 7777", ""),
        ("３２０５００００００００７７７７", ""),
        ("6222021108000000018", ""),
        ("6222021108000000019", "checksum"),
        ("320500000", "shape"),
        ("3205000000007777X", "shape"),
        ("", "shape"),
    ],
)
def test_an_account_has_ten_to_thirty_digits_and_a_bank_card_its_check_digit(account, fault):
    assert account_fault(account) == fault
