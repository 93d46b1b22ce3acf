"""The types of the rule language. Numbers are integers with a statically known number of decimals (the scale)."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SCALE = 12  # fen × 10^12 still fits 128 bits for any amount a city will ever pay


@dataclass(frozen=True, slots=True)
class Type:
    """`kind` is boolean, number, money, date, month, enum, text or scale.

    A number of scale 0 is an integer; of scale 2, 0.50 is held as 50. Money of scale 0 is whole fen, which alone can be
    paid; of a higher scale it is exact and not yet rounded.
    """

    kind: str
    scale: int = 0
    enum: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "money")

    @property
    def ordered(self) -> bool:
        return self.kind in ("number", "money", "date", "month")

    def same_kind(self, other: Type) -> bool:
        """True where values of both may be compared: scales are aligned afterwards."""
        return self.kind == other.kind and self.enum == other.enum

    @property
    def zh(self) -> str:
        if self.kind == "number":
            return "整数" if self.scale == 0 else "小数"
        if self.kind == "money":
            return "金额" if self.scale == 0 else "未取整的金额"
        if self.kind == "enum":
            return f"枚举“{self.enum}”的值"
        return {"boolean": "“是/否”", "date": "日期", "month": "月份", "text": "文本", "scale": "分档表"}[
            self.kind
        ]

    @property
    def en(self) -> str:
        if self.kind == "number":
            return "an integer" if self.scale == 0 else "a decimal number"
        if self.kind == "money":
            return "an amount of money" if self.scale == 0 else "an amount not yet rounded"
        if self.kind == "enum":
            return f"a member of '{self.enum}'"
        return {
            "boolean": "yes/no",
            "date": "a date",
            "month": "a month",
            "text": "text",
            "scale": "a scale",
        }[self.kind]


BOOLEAN = Type("boolean")
INTEGER = Type("number")
MONEY = Type("money")
DATE = Type("date")
MONTH = Type("month")
TEXT = Type("text")
SCALE = Type("scale")
