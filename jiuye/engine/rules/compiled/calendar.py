"""Dates in emitted code: year, month and day out of days since 1970-01-01, without branches.

The arithmetic of the proleptic Gregorian calendar is that of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013):
the year is counted from March, so that the leap day comes last. The meaning of each function is `basis/dates.py`.
"""

from __future__ import annotations

from datetime import date

from jiuye.engine.rules.compiled.values import TRUE, Lines

EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH
FIRST_MONTH, LAST_MONTH = 12, 119999  # months since year 0 of 0001-01 and 9999-12


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


class CalendarCode:
    """Emits date functions. A date is split once a row, however many functions ask for its parts."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._parts: dict[str, tuple[str, str, str]] = {}

    def call(self, name: str, arguments: list[tuple[str, str]]) -> tuple[str, str]:
        """(value, known) of a date function of the language over (value, known) arguments."""
        known = TRUE
        for _, bit in arguments:
            known = self.lines.both(known, bit)
        value, inside = getattr(self, "_" + name)(*(argument for argument, _ in arguments))
        return value, self.lines.both(known, inside)

    def parts(self, days: str) -> tuple[str, str, str]:
        """(year, month 1–12, day 1–31), each 64 bits wide."""
        if not days.startswith("%"):
            day = date.fromordinal(int(days) + EPOCH)
            return str(day.year), str(day.month), str(day.day)
        if days not in self._parts:
            self._parts[days] = self._split(days)
        return self._parts[days]

    def _split(self, days: str) -> tuple[str, str, str]:
        do, select = self._do32, self.lines.select
        z = do("add", self.lines.op(f"trunc i64 {days} to i32"), "719468")  # the calendar begins with year 1
        era = do("udiv", z, "146097")
        of_era = do("sub", z, do("mul", era, "146097"))
        corrected = do("sub", of_era, do("udiv", of_era, "1460"))
        corrected = do("add", corrected, do("udiv", of_era, "36524"))
        corrected = do("sub", corrected, do("udiv", of_era, "146096"))
        year_of_era = do("udiv", corrected, "365")
        leaps = do("sub", do("udiv", year_of_era, "4"), do("udiv", year_of_era, "100"))
        of_year = do("sub", of_era, do("add", do("mul", year_of_era, "365"), leaps))
        shifted = do("udiv", do("add", do("mul", of_year, "5"), "2"), "153")
        begun = do("udiv", do("add", do("mul", shifted, "153"), "2"), "5")
        day = do("add", do("sub", of_year, begun), "1")
        early = self.lines.op(f"icmp ult i32 {shifted}, 10")
        month = do("add", shifted, select("i32", early, "3", "-9"))
        year = do("add", do("mul", era, "400"), year_of_era)
        year = do("add", year, select("i32", early, "0", "1"))
        wide = [self.lines.op(f"zext i32 {part} to i64") for part in (year, month, day)]
        return wide[0], wide[1], wide[2]

    def _joined(self, index: str, day: str) -> str:
        """Days of the given day in a month (months since year 0); a day beyond the month's end is its last."""
        do, select = self._do, self.lines.select
        year = do("sdiv", index, "12")
        month = do("add", do("sub", index, do("mul", year, "12")), "1")
        day = self._within_month(year, month, day)
        early = self.lines.op(f"icmp sle i64 {month}, 2")
        y = do("sub", year, self.lines.op(f"zext i1 {early} to i64"))
        era = do("sdiv", y, "400")
        of_era = do("sub", y, do("mul", era, "400"))
        shifted = do("add", month, select("i64", early, "9", "-3"))
        of_year = do("sdiv", do("add", do("mul", shifted, "153"), "2"), "5")
        of_year = do("sub", do("add", of_year, day), "1")
        days = do("add", do("mul", of_era, "365"), do("sdiv", of_era, "4"))
        days = do("add", do("sub", days, do("sdiv", of_era, "100")), of_year)
        return do("sub", do("add", do("mul", era, "146097"), days), "719468")

    def _within_month(self, year: str, month: str, day: str) -> str:
        do, op, select = self._do, self.lines.op, self.lines.select
        by_four = op(f"icmp eq i64 {do('and', year, '3')}, 0")
        hundreds = op(f"icmp ne i64 {do('srem', year, '100')}, 0")
        four_hundreds = op(f"icmp eq i64 {do('srem', year, '400')}, 0")
        leap = self.lines.both(by_four, self.lines.either(hundreds, four_hundreds))
        february = op(f"icmp eq i64 {month}, 2")
        # 30 or 31: the month's lowest bit, turned over from August on.
        turned = do("xor", month, do("lshr", month, "3"))
        length = do("or", "30", do("and", turned, "1"))
        length = select("i64", february, select("i64", leap, "29", "28"), length)
        return select("i64", op(f"icmp sgt i64 {day}, {length}"), length, day)

    def _index(self, days: str) -> str:
        year, month, _ = self.parts(days)
        return self._do("sub", self._do("add", self._do("mul", year, "12"), month), "1")

    def _do(self, name: str, left: str, right: str) -> str:
        return self.lines.op(f"{name} i64 {left}, {right}")

    def _do32(self, name: str, left: str, right: str) -> str:
        return self.lines.op(f"{name} i32 {left}, {right}")

    def _wide(self, bit: str) -> str:
        return self.lines.op(f"zext i1 {bit} to i64")

    # --- the functions of the language

    def _age(self, birth: str, on: str) -> tuple[str, str]:
        years, months, days = zip(self.parts(birth), self.parts(on), strict=True)
        marks = [
            self._do("add", self._do("mul", month, "100"), day)
            for month, day in zip(months, days, strict=True)
        ]
        before = self.lines.op(f"icmp slt i64 {marks[1]}, {marks[0]}")
        return self._do("sub", self._do("sub", years[1], years[0]), self._wide(before)), TRUE

    def _months_between(self, start: str, end: str) -> tuple[str, str]:
        part = self.lines.op(f"icmp slt i64 {self.parts(end)[2]}, {self.parts(start)[2]}")
        return self._do("sub", self._calendar_months(start, end)[0], self._wide(part)), TRUE

    def _calendar_months(self, start: str, end: str) -> tuple[str, str]:
        return self._do("sub", self._index(end), self._index(start)), TRUE

    def _days_between(self, start: str, end: str) -> tuple[str, str]:
        return self.lines.op(f"sub i64 {end}, {start}"), TRUE

    def _year_of(self, day: str) -> tuple[str, str]:
        return self.parts(day)[0], TRUE

    def _month_of(self, day: str) -> tuple[str, str]:
        return self._index(day), TRUE

    def _add_months(self, day: str, months: str) -> tuple[str, str]:
        index = self.lines.op(f"add i64 {self._index(day)}, {months}")
        inside = self._between(index, FIRST_MONTH, LAST_MONTH)
        index = self.lines.select("i64", inside, index, str(FIRST_MONTH))
        return self._joined(index, self.parts(day)[2]), inside

    def _add_days(self, day: str, days: str) -> tuple[str, str]:
        found = self.lines.op(f"add i64 {day}, {days}")
        inside = self._between(found, FIRST_DAY, LAST_DAY)
        return self.lines.select("i64", inside, found, "0"), inside

    def _between(self, value: str, low: int, high: int) -> str:
        op = self.lines.op
        return self.lines.both(op(f"icmp sge i64 {value}, {low}"), op(f"icmp sle i64 {value}, {high}"))
