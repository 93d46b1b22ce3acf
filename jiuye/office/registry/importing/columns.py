"""Checking every cell of every row, column by column, without a loop over rows.

The functions take the raw frame (text) and return typed expressions' results as new columns; what cannot be
read becomes a finding and a null.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date

import polars as pl

from jiuye.engine.basis.identity import (
    ACCOUNT_SHAPE,
    CARD_SHAPE,
    ID_CHECK_CHARACTERS,
    ID_WEIGHTS,
    PROVINCES,
    is_credit_code,
    luhn_passes,
)
from jiuye.office.registry.importing.fields import BY_NAME, CHOICE_NAMES, CHOICES, YES_WORDS
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.kinds import EXPONENT, NAME_ODD, PHONE_SHAPE
from jiuye.office.registry.states import SEXES


def check_id_numbers(rows: pl.DataFrame, findings: Findings, notes: Findings, on: date) -> pl.DataFrame:
    """`id_number` in 18 characters, with `id_birth` and `id_sex`, null where the number is wrong.

    The same rules as `engine.basis.identity.parse_id_number`, over all rows at once; a test holds them together.
    """
    text = pl.col("id_number").str.replace_all(r"\s", "").str.replace(r"^(\d+)\.0$", "$1").str.to_uppercase()
    rows = rows.with_columns(_n=text)
    number = pl.col("_n")
    old = number.str.contains(r"^\d{15}$")
    rows = rows.with_columns(
        _old=old,
        _n17=pl.when(old)
        .then(pl.concat_str(number.str.head(6), pl.lit("19"), number.str.tail(9)))
        .otherwise(number.str.head(17)),
    )
    digits = pl.col("_n17").cast(pl.Int64, strict=False)
    total = sum((digits // 10 ** (16 - place) % 10) * weight for place, weight in enumerate(ID_WEIGHTS))
    checks = dict(enumerate(ID_CHECK_CHARACTERS))
    rows = rows.with_columns(_check=(total % 11).replace_strict(checks, default=None, return_dtype=pl.String))
    rows = rows.with_columns(
        _n18=pl.when("_old").then(pl.col("_n17") + pl.col("_check")).otherwise(number),
        _shape=number.str.contains(r"^\d+X?$").fill_null(value=False),
        _exponent=number.str.contains(EXPONENT).fill_null(value=False),
    )
    full = pl.col("_n18")
    whole = full.cast(pl.Int64, strict=False)
    rows = rows.with_columns(
        _long=full.str.len_chars() == 18,
        _sum=full.str.tail(1) == pl.col("_check"),
        _born=full.str.slice(6, 8).str.to_date("%Y%m%d", strict=False),
        _zeros=full.str.ends_with("000"),
        _double=(whole.cast(pl.Float64).cast(pl.Int64) == whole).fill_null(value=False),
    )
    shape, long_, good = (
        pl.col("_shape"),
        pl.col("_shape") & pl.col("_long"),
        pl.col("_shape") & pl.col("_long") & pl.col("_sum"),
    )
    province = full.str.head(2).cast(pl.Int64, strict=False).is_in(list(PROVINCES)) | full.str.starts_with(
        "9"
    )
    failing = long_ & ~pl.col("_sum")
    other = failing & ~pl.col("_zeros")
    # One wrong number in 64 is a binary double by chance; where most wrong ones are, the column was kept as numbers.
    doubles, others = rows.select(a=(other & pl.col("_double")).sum(), b=other.sum()).row(0)
    as_doubles = pl.lit(value=doubles > 0 and 2 * doubles >= others)
    rounded = failing & (pl.col("_zeros") | (pl.col("_double") & as_doubles))
    born = pl.col("_born").is_between(date(1880, 1, 1), on).fill_null(value=False)
    raw = pl.col("id_number")
    findings.add(rows, raw.is_null(), "id_empty", "id_number")
    findings.add(rows, pl.col("_exponent"), "id_mangled_exponent", "id_number")
    findings.add(rows, raw.is_not_null() & ~shape & ~pl.col("_exponent"), "id_character", "id_number")
    findings.add(rows, shape & ~pl.col("_long"), "id_length", "id_number", a=number.str.len_chars())
    findings.add(rows, rounded, "id_mangled_zeros", "id_number")
    findings.add(rows, long_ & ~pl.col("_sum") & ~rounded, "id_checksum", "id_number")
    findings.add(rows, good & ~province, "id_province", "id_number", a=full.str.head(2))
    findings.add(rows, good & province & ~born, "id_birth_date", "id_number", a=full.str.slice(6, 8))
    mangled = rows.select((rounded | pl.col("_exponent")).sum()).item()
    valid = good & province & born
    if mangled:
        # One genuine number in a thousand ends in 000; among rounded ones, one in eleven passes the checksum.
        suspect = valid & pl.col("_zeros") & ~pl.col("_old")
        findings.add(rows, suspect, "id_suspect_zeros", "id_number", a=pl.lit(str(mangled)))
        valid = valid & ~(pl.col("_zeros") & ~pl.col("_old"))
    notes.add(rows, valid & pl.col("_old"), "fifteen_digits", "id_number")
    odd = full.str.slice(16, 1).cast(pl.Int8, strict=False) % 2 == 1
    return rows.with_columns(
        id_number=pl.when(valid).then(full),
        id_birth=pl.when(valid).then("_born"),
        id_sex=pl.when(valid).then(pl.when(odd).then(pl.lit("male")).otherwise(pl.lit("female"))),
    ).select(pl.exclude("^_.*$"))


def check_dates(
    rows: pl.DataFrame, field: str, findings: Findings, notes: Findings, on: date
) -> pl.DataFrame:
    """The date column as dates. A month without a day is the month's first day for graduations, and refused elsewhere."""
    text = (
        pl.col(field).str.replace(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "").str.replace_all(r"\s", "")
    )
    rows = rows.with_columns(_t=text)
    cleaned = pl.col("_t")
    parts = cleaned.str.extract_groups(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
    compact = cleaned.str.extract_groups(r"^(\d{4})(\d{2})(\d{2})$")
    month = cleaned.str.extract_groups(r"^(\d{4})(?:[-/.年](\d{1,2})月?|(0[1-9]|1[0-2]))$")
    rows = rows.with_columns(
        _y=pl.coalesce(parts.struct.field("1"), compact.struct.field("1"), month.struct.field("1")),
        _m=pl.coalesce(
            parts.struct.field("2"),
            compact.struct.field("2"),
            month.struct.field("2"),
            month.struct.field("3"),
        ),
        _d=pl.coalesce(parts.struct.field("3"), compact.struct.field("3")),
    )
    year, month_text, day = pl.col("_y"), pl.col("_m"), pl.col("_d")
    rows = rows.with_columns(_shaped=year.is_not_null() & month_text.is_not_null(), _day=day.is_not_null())
    composed = pl.concat_str(year, month_text.str.zfill(2), day.fill_null("01").str.zfill(2), separator="-")
    rows = rows.with_columns(_date=composed.str.to_date("%Y-%m-%d", strict=False))
    found, raw = pl.col("_date"), pl.col(field)
    serial = cleaned.str.contains(r"^[1-7]\d{4}(?:\.\d+)?$").fill_null(value=False)
    shaped, with_day = pl.col("_shaped"), pl.col("_day")
    # Day 1 is 1900-01-01, and day 60 is a 29 February 1900 that never was: later days count from 1899-12-30.
    as_serial = pl.lit(date(1899, 12, 30)) + pl.duration(
        days=cleaned.str.extract(r"^(\d{5})").cast(pl.Int64, strict=False)
    )
    findings.add(rows, serial & ~shaped, "date_serial", field, a=as_serial)
    findings.add(rows, raw.is_not_null() & ~shaped & ~serial, "date_unreadable", field)
    findings.add(rows, shaped & found.is_null(), "date_impossible", field)
    monthly = shaped & ~with_day & found.is_not_null()
    rows = rows.with_columns(_monthly=monthly)
    if field == "graduated_on":
        notes.add(rows, monthly, "graduated_month", field)
        usable = found
    elif field == "birth_date":  # compared by month with the ID number, which carries the day
        usable = found
    else:
        findings.add(rows, monthly, "date_month", field)
        usable = pl.when(~monthly).then(found)
    findings.add(rows, found > on, "date_future", field)
    findings.add(rows, found < date(1900, 1, 1), "date_too_early", field)
    rows = rows.with_columns(pl.when(found.is_between(date(1900, 1, 1), on)).then(usable).alias(field))
    if field == "birth_date":
        rows = rows.with_columns(birth_month_only=pl.col("_monthly").fill_null(value=False))
    return rows.select(pl.exclude("^_.*$"))


def check_choices(rows: pl.DataFrame, field: str, findings: Findings) -> pl.DataFrame:
    """The column's words as the registry's codes; an unknown word is answered with the nearest and the list."""
    words = CHOICES[field]
    plain = pl.col(field).str.replace_all(r"\s", "").str.to_lowercase()
    rows = rows.with_columns(_code=plain.replace_strict(words, default=None, return_dtype=pl.String))
    unknown = rows.filter(pl.col(field).is_not_null() & pl.col("_code").is_null())[field].unique().to_list()
    near = {
        word: close[0]
        for word in unknown
        if (close := difflib.get_close_matches(word, words, n=1, cutoff=0.5))
    }
    wrong = pl.col(field).is_not_null() & pl.col("_code").is_null()
    if field == "sex":
        findings.add(rows, wrong, "sex_unknown", field)
    else:
        shown = {word: CHOICE_NAMES[field][words[nearest]] for word, nearest in near.items()}
        rows = rows.with_columns(
            _near=pl.col(field).replace_strict(shown, default=None, return_dtype=pl.String)
        )
        has_near = pl.col("_near").is_not_null()
        findings.add(rows, wrong & has_near, "choice_unknown", field, a=pl.col("_near"))
        findings.add(rows, wrong & ~has_near, "choice_unlike", field)
    return rows.with_columns(pl.col("_code").alias(field)).select(pl.exclude("^_.*$"))


def check_yes(rows: pl.DataFrame, field: str, findings: Findings) -> pl.DataFrame:
    """The column as true, false or null. A level of disability says that there is one."""
    words: Mapping[str, bool] = YES_WORDS
    if field == "disabled":
        words = {**words, **{f"{level}级": True for level in "一二三四1234"}}
    plain = pl.col(field).str.to_lowercase()
    rows = rows.with_columns(_yes=plain.replace_strict(words, default=None, return_dtype=pl.Boolean))
    findings.add(rows, pl.col(field).is_not_null() & pl.col("_yes").is_null(), "yes_unknown", field)
    return rows.with_columns(pl.col("_yes").alias(field)).select(pl.exclude("^_.*$"))


def check_phones(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`phone` as 11 digits."""
    cleaned = pl.col("phone").str.replace_all(r"[\s\-()]", "").str.replace(r"^(\d+)\.0$", "$1")
    rows = rows.with_columns(_p=cleaned.str.replace(r"^(?:\+86|0086|86)(1\d{10})$", "$1"))
    exponent = pl.col("_p").str.contains(EXPONENT).fill_null(value=False)
    good = pl.col("_p").str.contains(PHONE_SHAPE).fill_null(value=False)
    findings.add(rows, exponent, "phone_mangled", "phone")
    findings.add(rows, pl.col("phone").is_not_null() & ~good & ~exponent, "phone_shape", "phone")
    return rows.with_columns(phone=pl.when(good).then("_p")).select(pl.exclude("^_.*$"))


def check_accounts(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`bank_account` as digits; bank cards (62…, 16 to 19 digits) with their check digit."""
    cleaned = pl.col("bank_account").str.replace_all(r"[\s\-]", "").str.replace(r"^(\d+)\.0$", "$1")
    rows = rows.with_columns(_a=cleaned)
    account = pl.col("_a")
    cards = rows.filter(account.str.contains(CARD_SHAPE))["_a"].unique()
    wrong_cards = [card for card in cards if not luhn_passes(card)]
    bad = account.is_in(wrong_cards) if wrong_cards else pl.lit(value=False)
    mangled = account.str.contains(EXPONENT) | (bad & account.str.contains(r"^\d{15}0+$"))
    shape = account.str.contains(ACCOUNT_SHAPE).fill_null(value=False)
    findings.add(rows, mangled, "account_mangled", "bank_account")
    findings.add(rows, account.is_not_null() & ~shape & ~mangled, "account_shape", "bank_account")
    findings.add(rows, bad & ~mangled, "account_checksum", "bank_account")
    return rows.with_columns(bank_account=pl.when(shape & ~bad).then(account)).select(pl.exclude("^_.*$"))


def check_credit_codes(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`credit_code` in upper case, its check character right."""
    rows = rows.with_columns(credit_code=pl.col("credit_code").str.replace_all(r"\s", "").str.to_uppercase())
    codes = rows["credit_code"].drop_nulls().unique()
    wrong = [code for code in codes if not is_credit_code(code)]
    if not wrong:
        return rows
    bad = pl.col("credit_code").is_in(wrong)
    findings.add(rows, bad, "code_invalid", "credit_code")
    return rows.with_columns(credit_code=pl.when(~bad).then("credit_code"))


def check_money(rows: pl.DataFrame, field: str, findings: Findings) -> pl.DataFrame:
    """The column's yuan as integer fen, at most 9,999,999.99 yuan."""
    cleaned = pl.col(field).str.replace_all(r"[\s,¥￥元]", "")
    parts = cleaned.str.extract_groups(r"^(\d{1,7})(?:\.(\d{1,2}))?$")
    yuan = parts.struct.field("1").cast(pl.Int64, strict=False)
    fen = parts.struct.field("2").fill_null("").str.pad_end(2, "0").cast(pl.Int64, strict=False)
    rows = rows.with_columns(_fen=yuan * 100 + fen)
    findings.add(rows, pl.col(field).is_not_null() & pl.col("_fen").is_null(), "money_shape", field)
    return rows.with_columns(pl.col("_fen").alias(field)).select(pl.exclude("^_.*$"))


def check_texts(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Lengths, required cells, and names without digits."""
    for field in BY_NAME.values():
        if field.required and field.name != "id_number":
            findings.add(rows, pl.col(field.name).is_null(), "empty", field.name)
        if field.length:
            length = pl.col(field.name).str.len_chars()
            limit = pl.lit(str(field.length))
            findings.add(rows, length > field.length, "too_long", field.name, a=length, b=limit)
    odd = pl.col("name").str.contains(NAME_ODD)
    findings.add(rows, odd, "name_odd", "name")
    return rows


def check_against_id(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Birth date and sex against the ID number; then both are taken from the number."""
    birth, from_id = pl.col("birth_date"), pl.col("id_birth")
    same = (
        pl.when("birth_month_only")
        .then(birth.dt.strftime("%Y%m") == from_id.dt.strftime("%Y%m"))
        .otherwise(birth == from_id)
    )
    findings.add(
        rows,
        birth.is_not_null() & from_id.is_not_null() & ~same,
        "birth_date_differs",
        "birth_date",
        a=from_id,
    )
    said = pl.col("id_sex").replace_strict(SEXES, default=None, return_dtype=pl.String)
    shown = pl.col("sex").replace_strict(SEXES, default=None, return_dtype=pl.String)
    findings.add(rows, pl.col("sex") != pl.col("id_sex"), "sex_differs", "sex", value=shown, a=said)
    return rows.with_columns(birth_date="id_birth", sex="id_sex").drop(
        "id_birth", "id_sex", "birth_month_only"
    )
