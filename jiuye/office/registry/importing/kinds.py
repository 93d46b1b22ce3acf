"""What a value looks like, whatever stands above it: expressions over text columns, and the cleaning of cells."""

from __future__ import annotations

import polars as pl

from jiuye.office.registry.importing.fields import YES_WORDS, Kind

_INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
# A national character between dots: 买买提·阿不都拉 is written with many kinds of dot.
_DOTS = "[•・‧∙●．․･﹒]"

ID_SHAPE = r"^(?:\d{17}[\dXx]|[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])\d{5})$"
# What no name holds: digits, and signs beside the dot between the parts of a national name.
NAME_ODD = r"[\d,，。:：;；!！?？@#$%^&*+=<>|\\/【】\[\]{}]"
EXPONENT = r"^[+-]?\d+(?:\.\d*)?[eE]\+?\d{1,3}$"
PHONE_SHAPE = r"^(?:\+?86)?1[3-9]\d{9}$"
DATE_SHAPE = r"^(?:19|20)\d{2}(?:[-/.年]\d{1,2}(?:[-/.月](?:\d{1,2}日?)?)?|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?: \d{1,2}:.*)?$"
CODE_SHAPE = r"^(?:1[1239]|5[1239]|9[123])\d{6}[0-9A-HJ-NPQRTUWXY]{10}$"

# Kinds that tell themselves apart by their shape alone; names and places do not.
STRONG: tuple[Kind, ...] = ("id", "phone", "sex", "date", "code")


def clean_text(column: str) -> pl.Expr:
    """The cell in half width, without invisible characters and outer spaces; empty cells are null."""
    text = pl.col(column).str.replace_all(_INVISIBLE, "").str.normalize("NFKC").str.strip_chars()
    return text.str.strip_chars("'’‘`\"").replace("", None)


def clean_name(column: str) -> pl.Expr:
    """A name keeps its characters as written: normalising would turn rare ones (﨩, 兀) into others."""
    text = (
        pl.col(column)
        .str.replace_all(_INVISIBLE, "")
        .str.replace_all(r"[\u3000\t\r\n]", " ")
        .str.strip_chars()
    )
    text = text.str.replace_all(_DOTS, "·")
    # "张 三" is 张三; "John Smith" keeps its space.
    text = text.str.replace_all(r"(\p{Han})\s+(\p{Han})", "$1$2").str.replace_all(
        r"(\p{Han})\s+(\p{Han})", "$1$2"
    )
    return text.replace("", None)


def cleaned_text(text: str) -> str:
    """One value as `clean_text` leaves a cell."""
    return _cleaned(text, clean_text("cell"))


def cleaned_name(text: str) -> str:
    """One name as `clean_name` leaves a cell."""
    return _cleaned(text, clean_name("cell"))


def _cleaned(text: str, how: pl.Expr) -> str:
    return pl.DataFrame({"cell": [text]}, schema={"cell": pl.String}).select(how).item() or ""


def looks_like(kind: Kind, text: pl.Expr) -> pl.Expr:
    """True where the value has the kind's shape, false elsewhere, empty cells included."""
    found = {
        "id": text.str.contains(ID_SHAPE) | text.str.contains(r"^\d(?:\.\d+)?[eE]\+?17$"),
        "phone": text.str.contains(PHONE_SHAPE),
        "sex": text.is_in(["男", "女", "男性", "女性"]),
        "date": text.str.contains(DATE_SHAPE),
        "code": text.str.contains(CODE_SHAPE) & ~text.str.slice(6, 8).str.contains(r"^(?:19|20)\d{6}$"),
        "money": text.str.contains(r"^\d{1,6}(?:\.\d{1,2})?$"),
        "account": text.str.contains(r"^\d{12,25}$"),
        "yes": text.str.to_lowercase().is_in(list(YES_WORDS)),
        "name": text.str.contains(r"^[\p{Han}·]{2,8}$"),
        "place": text.str.contains(r"(?:社区|村|居委会|街道|镇|乡|区|市|县)$|^\d{6,12}$"),
        "choice": text.str.contains(r"^\p{Han}{2,20}$"),
        "text": text.is_not_null(),
    }[kind]
    return found.fill_null(value=False)
