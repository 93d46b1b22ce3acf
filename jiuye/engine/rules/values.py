"""One value, read from text and shown as text, by its type. Shared by facts files, cases, parameters and receipts."""

from __future__ import annotations

from datetime import date
from typing import Any

from jiuye.engine.basis.dates import month_index, parse_date
from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.money import fen_from_yuan, scaled_from_text, scaled_text, yuan_text
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.types import Type

Value = Any  # bool, int (integer, scaled number, fen, month index), date, or str (enum member, text)

LARGEST = (
    10**15
)  # fen or units: beyond it a value is a mistake, and sums of millions of them still fit 128 bits
YES = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


def read_value(
    scalar: Scalar, wanted: Type, enums: dict[str, dict[str, str]], problems: Problems
) -> Value | None:
    """The scalar as a value of `wanted`, or None with a problem recorded; null is None without one."""
    if scalar.is_null:
        return None
    try:
        return parse_value(scalar.text, wanted, enums)
    except ValueError:
        zh, en = _expectation(scalar.text, wanted, enums)
        problems.add(
            scalar.place,
            "wrong-value",
            zh=f"“{scalar.text}”不是{wanted.zh}。{zh}",
            en=f"'{scalar.text}' is not {wanted.en}; {en}",
        )
        return None


def parse_value(text: str, wanted: Type, enums: dict[str, dict[str, str]]) -> Value:
    """`text` as a value of `wanted`. Raises ValueError where it does not fit."""
    text = text.strip()
    if wanted.kind == "boolean":
        if text not in YES:
            raise ValueError(text)
        return YES[text]
    if wanted.kind == "money":
        return _bounded(fen_from_yuan(text))
    if wanted.kind == "number":
        value, scale = scaled_from_text(text)
        if scale > wanted.scale:
            raise ValueError(text)
        return _bounded(value * 10 ** (wanted.scale - scale))
    if wanted.kind == "date":
        return parse_date(text)
    if wanted.kind == "month":
        return month_index(parse_date(f"{text}-01"))
    if wanted.kind == "enum" and text not in enums[wanted.enum]:
        raise ValueError(text)
    return text


def _bounded(value: int) -> int:
    if abs(value) > LARGEST:
        raise ValueError(value)
    return value


def _expectation(text: str, wanted: Type, enums: dict[str, dict[str, str]]) -> tuple[str, str]:
    if wanted.kind == "enum":
        return did_you_mean(text, enums[wanted.enum])
    zh = {
        "boolean": "请写 true 或 false。",
        "money": "请以元为单位，最多两位小数，例如 1234.50。",
        "number": "请写整数，例如 36。"
        if wanted.scale == 0
        else f"请写最多 {wanted.scale} 位小数的数，例如 0.5。",
        "date": "请写成 2023-07-01 的样子。",
        "month": "请写成 2023-07 的样子。",
    }.get(wanted.kind, "")
    en = {
        "boolean": "write true or false.",
        "money": "write yuan with at most two decimals, for example 1234.50.",
        "number": "write an integer, for example 36."
        if wanted.scale == 0
        else f"write at most {wanted.scale} decimals, for example 0.5.",
        "date": "write it like 2023-07-01.",
        "month": "write it like 2023-07.",
    }.get(wanted.kind, "")
    return zh, en


def show_value(value: Value | None, of: Type, enums: dict[str, dict[str, str]], lang: str = "zh") -> str:
    """The value as people read it: `1,234.56 元`, `是`, `2023-07-01`, the enum's label."""
    if value is None:
        return "未知" if lang == "zh" else "not known"
    if of.kind == "boolean":
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    if of.kind == "money":
        amount = yuan_text(value) if of.scale == 0 else scaled_text(value, of.scale + 2)
        return f"{amount} 元" if lang == "zh" else f"{amount} yuan"
    if of.kind == "number":
        return scaled_text(value, of.scale)
    if of.kind == "month":
        return f"{value // 12:04}-{value % 12 + 1:02}"
    if of.kind == "enum":
        return enums[of.enum].get(value, str(value)) if lang == "zh" else str(value).replace("_", " ")
    return str(value.isoformat()) if isinstance(value, date) else str(value)


def plain_value(value: Value | None, of: Type) -> Any:
    """The value for JSON and for a facts file that would read back the same: yuan and decimals as text."""
    if value is None or of.kind == "boolean":
        return value
    if of.kind == "money":
        return yuan_text(value, separators=False) if of.scale == 0 else scaled_text(value, of.scale + 2)
    if of.kind == "number":
        return value if of.scale == 0 else scaled_text(value, of.scale)
    return show_value(value, of, {of.enum: {}})


def words_of(value: Value | None, of: Type, enums: dict[str, dict[str, str]]) -> tuple[Any, str, str]:
    """`plain_value`, and `show_value` in Chinese and in English. Dates and sums are written once for all three."""
    if value is not None:
        if of.kind == "date":
            day = str(value.isoformat())
            return day, day, day
        if of.kind == "money" and of.scale == 0:
            amount = yuan_text(value)
            return amount.replace(",", ""), f"{amount} 元", f"{amount} yuan"
    return plain_value(value, of), show_value(value, of, enums), show_value(value, of, enums, "en")
