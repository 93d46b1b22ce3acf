"""Aggregates along a to-many relation: one pass over the members, in machine code that is the same for every pack.

`link[i]` is the row that member i belongs to, `body[i]` what is counted or summed of it. Each function keeps, row by row, what the members
so far give; the rules for unknown members are those of `closures`: one decides an `any` or `all`, and makes everything else unknown.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from jiuye.engine.rules.compiled.machine import Machine
from jiuye.engine.rules.compiled.program import UNKNOWN_64
from jiuye.engine.rules.compiled.tables import DTYPES, UNKNOWN, Array

_HEAD = "declare {i64, i1} @llvm.sadd.with.overflow.i64(i64, i64)\n"
_LOOP = """define void @NAME(i64 %start, i64 %stop, ptr noalias %link, ptr noalias %body, ptr noalias %out, ptr noalias %over) {
entry:
  br label %head
head:
  %i = phi i64 [ %start, %entry ], [ %next, %latch ]
  %more = icmp slt i64 %i, %stop
  br i1 %more, label %member, label %exit
member:
  %lp = getelementptr inbounds i32, ptr %link, i64 %i
  %l = load i32, ptr %lp
  %row = sext i32 %l to i64
  %op = getelementptr inbounds iOUT, ptr %out, i64 %row
  %o = load iOUT, ptr %op
MEMBER
  store iOUT %new, ptr %op
  br label %latch
latch:
  %next = add nsw i64 %i, 1
  br label %head
exit:
  ret void
}
"""
_READ = """  %bp = getelementptr inbounds iBODY, ptr %body, i64 %i
  %b = load iBODY, ptr %bp
"""
_UNLESS_UNKNOWN = f"""  %bu = icmp eq iBODY %b, BODYUNKNOWN
  %ou = icmp eq i64 %o, {UNKNOWN_64}
  %any = or i1 %bu, %ou
"""
_MEMBERS = "  %new = add nsw i64 %o, 1"
# The answer that decides, as 0 or 1; a member that is not known (2) leaves it open unless some member decides.
_DECIDES = """  %od = icmp eq i8 %o, DECISIVE
  %bd = icmp eq i8 %b, DECISIVE
  %d = or i1 %od, %bd
  %bu = icmp eq i8 %b, 2
  %open = select i1 %bu, i8 2, i8 %o
  %new = select i1 %d, i8 DECISIVE, i8 %open"""
_COUNTS = f"""{_UNLESS_UNKNOWN}  %by = icmp eq i8 %b, 1
  %one = zext i1 %by to i64
  %sum = add i64 %o, %one
  %new = select i1 %any, i64 {UNKNOWN_64}, i64 %sum"""
_SUMS = f"""{_UNLESS_UNKNOWN}  %pair = call {{i64, i1}} @llvm.sadd.with.overflow.i64(i64 %o, i64 %b)
  %sum = extractvalue {{i64, i1}} %pair, 0
  %wide = extractvalue {{i64, i1}} %pair, 1
  %lowest = icmp eq i64 %sum, {UNKNOWN_64}
  %odd = or i1 %wide, %lowest
  %known = xor i1 %any, true
  %beyond = and i1 %odd, %known
  %was = load i8, ptr %over
  %bit = zext i1 %beyond to i8
  %now = or i8 %was, %bit
  store i8 %now, ptr %over
  %new = select i1 %any, i64 {UNKNOWN_64}, i64 %sum"""
_EXTREME = """  %better = icmp ORDER iBODY %b, %o
  %new = select i1 %better, iBODY %b, iBODY %o"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One function: the width of what it keeps and of what it reads, and the code of one member."""

    name: str
    out: int
    body: int
    code: str

    @property
    def text(self) -> str:
        read = _READ if self.body else ""
        text = _LOOP.replace("NAME", self.name).replace("MEMBER", read + self.code)
        text = text.replace("BODYUNKNOWN", str(UNKNOWN[self.body]) if self.body else "")
        return text.replace("iOUT", f"i{self.out}").replace("iBODY", f"i{self.body}")


_KINDS = (
    _Kind("members", 64, 0, _MEMBERS),
    _Kind("any", 8, 8, _DECIDES.replace("DECISIVE", "1")),
    _Kind("all", 8, 8, _DECIDES.replace("DECISIVE", "0")),
    _Kind("count", 64, 8, _COUNTS),
    _Kind("sum", 64, 64, _SUMS),
    *(
        _Kind(f"{which}{bits}", bits, bits, _EXTREME.replace("ORDER", order))
        for which, order in (("largest", "sgt"), ("smallest", "slt"))
        for bits in (32, 64)
    ),
)
_BY_NAME = {kind.name: kind for kind in _KINDS}


_making = threading.Lock()


@lru_cache(maxsize=1)
def _made() -> Machine:
    return Machine(_HEAD + "\n".join(kind.text for kind in _KINDS), [kind.name for kind in _KINDS])


def _machine() -> Machine:
    """The one machine of these functions: several aggregates ask for it at the same moment, and a cache alone would make it twice."""
    with _making:
        return _made()


def gathered(which: str, link: Array, body: Array | None, size: int, bits: int, over: Array) -> Array:
    """An aggregate for every row of the entity it belongs to, the row of nobody behind them (`size` rows in all).

    `body` is None for a plain count. A row without members gets 0, no, yes (`all`), or is not known (largest, smallest).
    `over[0]` is set where a sum leaves 64 bits.
    """
    extreme = which in ("largest", "smallest")
    kind = _BY_NAME["members" if body is None else f"{which}{bits}" if extreme else which]
    out = np.zeros(size, DTYPES[kind.out])
    if extreme:
        limits = np.iinfo(out.dtype)
        out[:] = limits.max if which == "smallest" else limits.min
    elif which == "all":
        out[:] = 1
    link = np.ascontiguousarray(link)
    values = np.ascontiguousarray(body) if body is not None else link
    function = _machine().function(kind.name, 4)
    function(0, len(link), link.ctypes.data, values.ctypes.data, out.ctypes.data, over.ctypes.data)
    if extreme and body is not None:
        lacking = np.zeros(size, np.bool_)
        lacking[link[body == UNKNOWN[bits]]] = True
        if (
            which == "smallest"
        ):  # the smallest number means unknown, and would always win; no member leaves the greatest
            lacking |= np.bincount(link, minlength=size) == 0
        out[lacking] = UNKNOWN[bits]
    return out
