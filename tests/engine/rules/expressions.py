"""Random expressions in the small world, as text: well typed, and shrinking towards short ones.

`EVERY_CONSTRUCT` is the list that misses nothing; the strategies combine the same pieces at random.
"""

from __future__ import annotations

from hypothesis import strategies as st

Text = st.SearchStrategy[str]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
ROUNDINGS = ["round_fen", "floor_fen", "ceil_fen", "round_yuan", "floor_yuan", "ceil_yuan"]

EVERY_CONSTRUCT = [
    "sure and not flag",
    "large or sure or n == 3",
    "1 <= n < 10",
    "n != m and price > cost and start <= until and n >= -2",
    "colour in (red, paint) and size not in (small, large)",
    "colour == favourite if flag else size != small",
    "known(price) and known(box.n)",
    "n + m - 2 * n > box.n",
    "n // 7 == m // -3",
    "price // 3 < yuan(100)",
    "-n < m",
    "n * 0.25 <= rate",
    "n > rate",
    "round_fen(price * rate) <= floor_fen(cost * 0.333)",
    "ceil_fen(price * share) == round_yuan(price * rate)",
    "floor_yuan(price) + ceil_yuan(cost) > yuan(3.50)",
    "round_whole(rate * 3) > floor_whole(rate) + ceil_whole(rate * -1)",
    "min(n, m, 3) < max(n, 2)",
    "max(start, until) > min(on, day)",
    "age(start, on) >= 6",
    "months_between(start, until) > calendar_months(start, until) - 1",
    "days_between(start, on) < 1000 or until - start > 30",
    "add_months(start, n) < on",
    "add_days(start, n) > date(2005, 2, 28)",
    "year_of(start) == 2004 or month_of(start) < since",
    "since != month(2010, 12)",
    "limit > n",
    "fee[colour] > price",
    "worth[colour, size] >= yuan(3)",
    "grade[n] == 2 or exact[m] == 100",
    "band[price] > 0",
    "step_and_size[n, size] == 3",
    "by_flag[flag]",
    "round_fen(marginal(scale, price)) > yuan(10)",
    "count(parts) > 1",
    "count(parts, sure) == 1",
    "sum(parts.n) > 2 and sum(parts, price * 0.5) > yuan(1)",
    "any(parts, made > on)",
    "all(parts, n >= thing.m)",
    "largest(parts, made) > smallest(parts.made)",
    "largest(parts, n) > 1 or smallest(parts, price) < yuan(1)",
    "count(box.things, n > 1) > 1",
    "sum(box.things, sum(parts, n)) > 3",
    "box.outer.n == box.n",
    "big or margin > yuan(0)",
    "heavy > 2 and boxed_sum > 3",
    "note == '甲'",
]


class Grammar:
    """Strategies of one entity's expressions, by type, nested at most `depth` deep."""

    def __init__(self, entity: str = "thing") -> None:
        self.entity = entity

    def boolean(self, depth: int) -> Text:
        leaves = (
            ["sure", "known(n)"]
            if self.entity == "part"
            else ["sure", "flag", "large", "big", "by_flag[flag]", "known(box.n)"]
        )
        found: list[Text] = [st.sampled_from(leaves)]
        if depth:
            down = depth - 1
            found += [
                _joined(self.boolean(down), st.sampled_from(["and", "or"]), self.boolean(down)),
                self.boolean(down).map(lambda text: f"(not {text})"),
                _joined(self.number(down), st.sampled_from(COMPARISONS), self.number(down)),
                _joined(self.money(down), st.sampled_from(COMPARISONS), self.money(down)),
                _joined(self.date(down), st.sampled_from(COMPARISONS), self.date(down)),
                st.tuples(self.number(down), self.number(down), self.number(down)).map(
                    lambda t: f"({t[0]} <= {t[1]} < {t[2]})"
                ),
                st.tuples(self.number(down), st.sampled_from(["in", "not in"]), self.number(down)).map(
                    lambda t: f"({t[0]} {t[1]} (1, {t[2]}, 10))"
                ),
                _choice(self.boolean(down), self.boolean(down), self.boolean(down)),
            ]
            if self.entity == "thing":
                found += [
                    _joined(
                        st.sampled_from(["colour", "paint", "favourite"]),
                        st.sampled_from(["==", "!="]),
                        st.sampled_from(["red", "paint", "colour"]),
                    ),
                    _joined(
                        st.just("since"),
                        st.sampled_from(COMPARISONS),
                        self.date(down).map(lambda text: f"month_of({text})"),
                    ),
                    st.tuples(st.sampled_from(["any", "all"]), Grammar("part").boolean(down)).map(
                        lambda t: f"{t[0]}(parts, {t[1]})"
                    ),
                ]
        return st.one_of(found)

    def number(self, depth: int) -> Text:
        leaves = ["n"] if self.entity == "part" else ["n", "m", "box.n", "limit", "heavy", "count(parts)"]
        found: list[Text] = [
            st.sampled_from(leaves),
            st.integers(-12, 25).map(lambda number: f"({number})" if number < 0 else str(number)),
        ]
        if depth:
            down = depth - 1
            found += [
                _joined(self.number(down), st.sampled_from(["+", "-"]), self.number(down)),
                self.number(down).map(lambda text: f"({text} * 3)"),
                st.tuples(self.number(down), st.sampled_from([7, -3, 1])).map(
                    lambda t: f"({t[0]} // {t[1]})"
                ),
                st.tuples(st.sampled_from(["min", "max"]), self.number(down), self.number(down)).map(
                    lambda t: f"{t[0]}({t[1]}, {t[2]})"
                ),
                st.tuples(
                    st.sampled_from(["age", "months_between", "calendar_months", "days_between"]),
                    self.date(down),
                    self.date(down),
                ).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
                self.date(down).map(lambda text: f"year_of({text})"),
                _choice(self.boolean(down), self.number(down), self.number(down)),
            ]
            if self.entity == "thing":
                inner = Grammar("part")
                found += [
                    st.tuples(st.sampled_from(["grade", "exact"]), self.number(down)).map(
                        lambda t: f"{t[0]}[{t[1]}]"
                    ),
                    self.number(down).map(lambda text: f"step_and_size[{text}, size]"),
                    self.money(down).map(lambda text: f"band[{text}]"),
                    st.tuples(
                        st.sampled_from(["round_whole", "floor_whole", "ceil_whole"]), self.number(down)
                    ).map(lambda t: f"{t[0]}({t[1]} * rate)"),
                    inner.boolean(down).map(lambda text: f"count(parts, {text})"),
                    st.tuples(st.sampled_from(["sum", "largest", "smallest"]), inner.number(down)).map(
                        lambda t: f"{t[0]}(parts, {t[1]})"
                    ),
                    inner.number(down).map(lambda text: f"sum(box.things, sum(parts, {text}))"),
                ]
        return st.one_of(found)

    def money(self, depth: int) -> Text:
        leaves = (
            ["price"]
            if self.entity == "part"
            else ["price", "cost", "margin", "fee[colour]", "worth[colour, size]"]
        )
        found: list[Text] = [
            st.sampled_from(leaves),
            st.integers(-200, 600_000).map(lambda fen: f"yuan({fen / 100:.2f})"),
        ]
        if depth:
            down = depth - 1
            found += [
                _joined(self.money(down), st.sampled_from(["+", "-"]), self.money(down)),
                st.tuples(
                    st.sampled_from(ROUNDINGS),
                    self.money(down),
                    st.sampled_from(["0.5", "0.333", "(-1.25)", "share"]),
                ).map(lambda t: f"{t[0]}({t[1]} * {t[2]})"),
                st.tuples(self.money(down), st.sampled_from([3, 7])).map(lambda t: f"({t[0]} // {t[1]})"),
                st.tuples(st.sampled_from(["min", "max"]), self.money(down), self.money(down)).map(
                    lambda t: f"{t[0]}({t[1]}, {t[2]})"
                ),
                st.tuples(st.sampled_from(ROUNDINGS), self.money(down)).map(
                    lambda t: f"{t[0]}(marginal(scale, {t[1]}))"
                ),
                _choice(self.boolean(down), self.money(down), self.money(down)),
            ]
            if self.entity == "thing":
                found.append(
                    st.tuples(
                        st.sampled_from(["sum", "largest", "smallest"]), Grammar("part").money(down)
                    ).map(lambda t: f"{t[0]}(parts, {t[1]})")
                )
        return st.one_of(found)

    def date(self, depth: int) -> Text:
        leaves = (
            ["on", "made"]
            if self.entity == "part"
            else ["on", "start", "until", "day", "date(2004, 2, 29)", "largest(parts, made)"]
        )
        found: list[Text] = [st.sampled_from(leaves)]
        if depth:
            down = depth - 1
            found += [
                st.tuples(
                    st.sampled_from(["add_months", "add_days"]), self.date(down), self.number(down)
                ).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
                st.tuples(st.sampled_from(["min", "max"]), self.date(down), self.date(down)).map(
                    lambda t: f"{t[0]}({t[1]}, {t[2]})"
                ),
                _choice(self.boolean(down), self.date(down), self.date(down)),
            ]
        return st.one_of(found)


def _joined(left: Text, op: Text, right: Text) -> Text:
    return st.tuples(left, op, right).map(lambda t: f"({t[0]} {t[1]} {t[2]})")


def _choice(condition: Text, then: Text, otherwise: Text) -> Text:
    return st.tuples(condition, then, otherwise).map(lambda t: f"({t[1]} if {t[0]} else {t[2]})")


def conditions(depth: int = 2) -> Text:
    """Expressions of yes and no."""
    return Grammar().boolean(depth)


def amounts(depth: int = 2) -> Text:
    """Expressions of money."""
    return Grammar().money(depth)
