"""What the emitted code works with: names of machine values, and the lines that make them."""

from __future__ import annotations

from dataclasses import dataclass, field

TRUE, FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Number:
    """A 64-bit value and the bit that says whether it is known; `most` is the greatest absolute value that it can have."""

    value: str
    known: str
    most: int


@dataclass(frozen=True, slots=True)
class Boolean:
    """Two bits of which at most one is set; neither means unknown."""

    yes: str
    no: str


UNKNOWN_BOOLEAN = Boolean(FALSE, FALSE)
Value = Number | Boolean


@dataclass(slots=True)
class Lines:
    """The lines of one row's code. Each method appends what it needs and returns the name of the result."""

    prefix: str = "v"
    text: list[str] = field(default_factory=list)
    overflows: list[str] = field(default_factory=list)  # bits: an operation on known values left 64 bits
    _count: int = 0

    def op(self, instruction: str) -> str:
        """One instruction with a result."""
        self._count += 1
        name = f"%{self.prefix}{self._count}"
        self.text.append(f"  {name} = {instruction}")
        return name

    def both(self, first: str, second: str) -> str:
        if FALSE in (first, second):
            return FALSE
        if first in (TRUE, second):
            return second
        return first if second == TRUE else self.op(f"and i1 {first}, {second}")

    def either(self, first: str, second: str) -> str:
        if TRUE in (first, second):
            return TRUE
        if first in (FALSE, second):
            return second
        return first if second == FALSE else self.op(f"or i1 {first}, {second}")

    def negated(self, bit: str) -> str:
        if bit in (TRUE, FALSE):
            return FALSE if bit == TRUE else TRUE
        return self.op(f"xor i1 {bit}, true")

    def select(self, of: str, condition: str, then: str, otherwise: str) -> str:
        if condition == TRUE or then == otherwise:
            return then
        if condition == FALSE:
            return otherwise
        return self.op(f"select i1 {condition}, {of} {then}, {of} {otherwise}")

    def arithmetic(self, op: str, left: str, right: str, known: str, check: bool) -> str:
        """+, - or *. With `check`, a result beyond 64 bits is noted where the operands are known."""
        name = {"+": "add", "-": "sub", "*": "mul"}[op]
        if op == "*" and "1" in (left, right):
            return right if left == "1" else left
        if not check:
            return self.op(f"{name} nsw i64 {left}, {right}")
        pair = self.op(f"call {{i64, i1}} @llvm.s{name}.with.overflow.i64(i64 {left}, i64 {right})")
        beyond = self.op(f"extractvalue {{i64, i1}} {pair}, 1")
        self.overflows.append(self.both(beyond, known))
        return self.op(f"extractvalue {{i64, i1}} {pair}, 0")

    def divided(self, mode: str, value: str, divisor: str) -> str:
        """Divided by a divisor that is not zero: `round` takes halves away from zero, `floor` down, `ceil` up."""
        if divisor == "1":
            return value
        quotient = self.op(f"sdiv i64 {value}, {divisor}")
        back = self.op(f"mul i64 {quotient}, {divisor}")
        rest = self.op(f"sub i64 {value}, {back}")
        if mode == "round":  # the divisor is a power of ten
            twice = self.op(f"shl i64 {self.absolute(rest)}, 1")
            far = self.op(f"icmp sge i64 {twice}, {divisor}")
            sign = self.op(f"ashr i64 {value}, 63")
            step = self.op(f"or i64 {sign}, 1")
            return self.op(f"add i64 {quotient}, {self.select('i64', far, step, '0')}")
        uneven = self.op(f"icmp ne i64 {rest}, 0")
        mixed = self.op(f"xor i64 {rest}, {divisor}")
        opposed = self.op(f"icmp slt i64 {mixed}, 0")
        lower = self.both(uneven, opposed if mode == "floor" else self.negated(opposed))
        step = self.op(f"zext i1 {lower} to i64")
        return self.op(f"{'sub' if mode == 'floor' else 'add'} i64 {quotient}, {step}")

    def narrowed(self, value: str, bits: int) -> str:
        """A 64-bit value that fits `bits` bits, in them; a constant needs no instruction."""
        return value if bits == 64 or not value.startswith("%") else self.op(f"trunc i64 {value} to i{bits}")

    def absolute(self, value: str) -> str:
        return self.op(f"call i64 @llvm.abs.i64(i64 {value}, i1 false)")
