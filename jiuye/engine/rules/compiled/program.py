"""A sweep as machine code: which columns are computed in which order, and the text of every function.

A step computes one column of an entity for all its rows: a derived fact, or the body of an aggregate. An aggregate gathers a
staged column along a to-many relation. A policy has two functions: one for the bits of its clauses, one for verdict and amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.rules.compiled.emit import Emitter, World
from jiuye.engine.rules.compiled.values import FALSE, Boolean, Lines, Number, Value
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import Aggregate, Dated, Node, walk
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import LARGEST
from jiuye.engine.rules.vocabulary import Relation

Key = tuple[str, str, str]  # ("column" or "link", entity, name)
UNKNOWN_32, UNKNOWN_64, UNKNOWN_TRUTH = -(2**31), -(2**63), 2
HEAD = """declare {i64, i1} @llvm.sadd.with.overflow.i64(i64, i64)
declare {i64, i1} @llvm.ssub.with.overflow.i64(i64, i64)
declare {i64, i1} @llvm.smul.with.overflow.i64(i64, i64)
declare i64 @llvm.abs.i64(i64, i1)
"""


def bits_width(clauses: int) -> int:
    """Bits that the bits of so many clauses take in memory: most policies have no more than eight."""
    return next(bits for bits in (8, 16, 32, 64) if clauses <= bits)


def width(of: Type) -> int:
    """Bits that a value of the type takes in memory."""
    return {"boolean": 8, "number": 64, "money": 64}.get(of.kind, 32)


@dataclass(frozen=True, slots=True)
class Supply:
    """What the data hold: columns of facts, links of to-one relations; and whether facts stay within their min and max."""

    columns: frozenset[tuple[str, str]]
    links: frozenset[tuple[str, str]]
    entities: frozenset[str]
    within_limits: bool = True


@dataclass(frozen=True, slots=True)
class ColumnStep:
    """Compute `entity.name` row by row with the function of that name over these arrays."""

    function: str
    entity: str
    name: str
    type: Type
    reads: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class AggregateStep:
    """Gather `body` (a column of `child`, empty for a plain count) along `link` into `entity.name`."""

    which: str
    entity: str
    name: str
    type: Type
    child: str
    link: str
    body: str


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """The functions of one policy; empty where it is not in force."""

    policy: Policy
    bits: str
    amount: str
    bits_reads: tuple[Key, ...]
    amount_reads: tuple[Key, ...]


@dataclass(slots=True)
class Program:
    steps: list[ColumnStep | AggregateStep] = field(default_factory=list)
    policies: list[PolicyStep] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)  # texts that the rules name, with their numbers

    @property
    def text(self) -> str:
        return HEAD + "\n".join(self.functions)

    @property
    def names(self) -> list[str]:
        columns = [step.function for step in self.steps if isinstance(step, ColumnStep)]
        return columns + [name for step in self.policies for name in (step.bits, step.amount) if name]


class Programmer:
    """Writes the program of some policies of a pack for one day."""

    def __init__(self, pack: Pack, on: date, supply: Supply) -> None:
        self.pack, self.on, self.supply = pack, on, supply
        self.program = Program()
        self.staged: set[tuple[str, str]] = set()
        self.bounds: dict[tuple[str, str], int] = {}
        self._members = {
            enum: {member: number for number, member in enumerate(members)}
            for enum, members in pack.vocabulary.enums.items()
        }
        self._aggregates: dict[str, str] = {}

    def write(self, policies: Iterable[Policy], derived: set[tuple[str, str]]) -> Program:
        """The program; `derived` are the derived facts that the policies read."""
        for key, item in self.pack.derived.items():  # each needs only earlier ones
            if key in derived and key[0] in self.supply.entities:
                self._derived(key, item.value, item.fact.type)
        for policy in policies:
            self._policy(policy)
        return self.program

    # --- columns

    def _derived(self, key: tuple[str, str], value: Dated, of: Type) -> None:
        entity, name = key
        period = period_of("once", self.on)
        node = value.at(self.on)
        writer = _Writer(self, entity, period)
        if node is not None:
            self._stage_aggregates(node, period)
        found = writer.emitter.value(node) if node is not None else writer.emitter.unknown(of)
        if key in self.supply.columns:  # what a register supplies stands before what is computed
            given = writer.column(writer.lines, (), name, of)
            assert given is not None
            known = given.known if isinstance(given, Number) else writer.lines.either(given.yes, given.no)
            found = writer.emitter.choose(known, given, found)
        self._column(entity, name, of, found, writer)
        if isinstance(found, Number) and of.numeric:
            self.bounds[key] = max(found.most, LARGEST if key in self.supply.columns else 0)

    def _column(self, entity: str, name: str, of: Type, found: Value, writer: _Writer) -> None:
        function = f"c{len(self.program.functions)}"
        writer.store(found, of, "%out")
        self.program.functions.append(writer.loop(function, ["out"]))
        self.program.steps.append(ColumnStep(function, entity, name, of, tuple(writer.arguments)))
        self.staged.add((entity, name))

    def _stage_aggregates(self, node: Node, period: Interval) -> None:
        """Stage every aggregate below a node, innermost first."""
        for part in walk(node):
            if isinstance(part, Aggregate):
                if part.body is not None:
                    self._stage_aggregates(part.body, period)
                self._stage_aggregate(part, period)

    def _stage_aggregate(self, node: Aggregate, period: Interval) -> None:
        relation = node.relation
        key = self.aggregate_key(node, period)
        if key in self._aggregates or not {relation.entity, relation.to} <= self.supply.entities:
            return
        if (relation.to, relation.via) not in self.supply.links:
            return
        name = self._aggregates[key] = f"#{len(self._aggregates)}"
        body = ""
        if node.body is not None:
            body = f"{name}b"
            writer = _Writer(self, relation.to, period)
            found = writer.emitter.value(node.body)
            self._column(relation.to, body, node.body.type, found, writer)
        self.program.steps.append(
            AggregateStep(node.which, relation.entity, name, node.type, relation.to, relation.via, body)
        )
        self.staged.add((relation.entity, name))

    def aggregate_key(self, node: Aggregate, period: Interval) -> str:
        return f"{node.relation.entity}.{node.relation.name}|{node.which}|{node.body!r}|{period}"

    def aggregate_name(self, node: Aggregate, period: Interval) -> str:
        """The staged column of an aggregate; a name that no column has where the data do not hold it."""
        return self._aggregates.get(self.aggregate_key(node, period), "#none")

    # --- policies

    def _policy(self, policy: Policy) -> None:
        if not in_force(policy, self.on):
            self.program.policies.append(PolicyStep(policy, "", "", (), ()))
            return
        period = period_of(policy.period, self.on)
        number = len(self.program.policies)
        bits = _Writer(self, policy.entity, period)
        held = unknown = "0"
        for position, clause in enumerate(policy.clauses):
            node = clause.test.at(self.on)
            value = Boolean(FALSE, FALSE)
            if node is not None:
                self._stage_aggregates(node, period)
                value = bits.emitter.truth(node)
            held = bits.bit(held, value.yes, position)
            neither = bits.lines.negated(bits.lines.either(value.yes, value.no))
            unknown = bits.bit(unknown, neither, position)
        wide = bits_width(len(policy.clauses))
        bits.put(bits.lines.narrowed(held, wide), wide, "%held")
        bits.put(bits.lines.narrowed(unknown, wide), wide, "%unknown")
        self.program.functions.append(bits.loop(f"b{number}", ["held", "unknown"]))
        amount = self._amount(policy, f"a{number}", period)
        self.program.policies.append(
            PolicyStep(policy, f"b{number}", f"a{number}", tuple(bits.arguments), tuple(amount.arguments))
        )

    def _amount(self, policy: Policy, name: str, period: Interval) -> _Writer:
        """Verdict 0 no, 1 yes, 2 unknown; the amount where it is yes."""
        writer = _Writer(self, policy.entity, period)
        node = policy.amount.at(self.on) if policy.amount is not None else None
        value = Number("0", "true" if policy.amount is None else FALSE, 0)
        if node is not None:
            self._stage_aggregates(node, period)
            value = writer.emitter.number(node)
        verdict = writer.lines.select("i8", value.known, "1", "2")
        writer.put(verdict, 8, "%verdict")
        # Where the amount is not known, anything may have been computed; 0 stands there, so that sums are right.
        writer.put(writer.lines.select("i64", value.known, value.value, "0"), 64, "%amount")
        paid = value.known if policy.amount is not None else FALSE
        writer.put(writer.lines.op(f"zext i1 {paid} to i8"), 8, "%paid")
        self.program.functions.append(writer.guarded_loop(name, len(policy.clauses)))
        return writer


class _Writer:
    """The code of one function over the rows of an entity; collects the arrays that it reads as its arguments."""

    def __init__(self, owner: Programmer, entity: str, period: Interval) -> None:
        self.owner, self.entity, self.period = owner, entity, period
        self.lines = Lines()
        self.arguments: dict[Key, str] = {}
        self._loaded: dict[tuple[tuple[str, ...], str], Value] = {}
        self._positions: dict[tuple[str, ...], str] = {(): "%i"}
        self.emitter = Emitter(
            self.lines,
            World(
                owner.on,
                period,
                self.column,
                self.code,
                self.bound,
                lambda node: owner.aggregate_name(node, period),
            ),
        )

    # --- reading

    def column(self, lines: Lines, hops: tuple[Relation, ...], name: str, of: Type) -> Value | None:
        """The value of a column on the row reached over `hops`; None where no data hold it."""
        entity = hops[-1].to if hops else self.entity
        supply = self.owner.supply
        if any((hop.entity, hop.name) not in supply.links or hop.to not in supply.entities for hop in hops):
            return None
        if (entity, name) not in supply.columns and (entity, name) not in self.owner.staged:
            return None
        path = tuple(hop.name for hop in hops)
        if (path, name) not in self._loaded:
            array = self._argument(("column", entity, name))
            self._loaded[path, name] = self._load(array, self._position(hops), of)
        return self._loaded[path, name]

    def _position(self, hops: tuple[Relation, ...]) -> str:
        path = tuple(hop.name for hop in hops)
        if path not in self._positions:
            here = self._position(hops[:-1])
            array = self._argument(("link", hops[-1].entity, hops[-1].name))
            found = self._raw(array, here, 32)
            self._positions[path] = self.lines.op(f"sext i32 {found} to i64")
        return self._positions[path]

    def _raw(self, array: str, position: str, bits: int) -> str:
        place = self.lines.op(f"getelementptr inbounds i{bits}, ptr {array}, i64 {position}")
        return self.lines.op(f"load i{bits}, ptr {place}")

    def _load(self, array: str, position: str, of: Type) -> Value:
        bits = width(of)
        raw = self._raw(array, position, bits)
        if bits == 8:
            return Boolean(self.lines.op(f"icmp eq i8 {raw}, 1"), self.lines.op(f"icmp eq i8 {raw}, 0"))
        unknown = UNKNOWN_64 if bits == 64 else UNKNOWN_32
        known = self.lines.op(f"icmp ne i{bits} {raw}, {unknown}")
        value = raw if bits == 64 else self.lines.op(f"sext i32 {raw} to i64")
        # Where it is not known a small number stands, so that arithmetic cannot overflow for nothing.
        return Number(self.lines.select("i64", known, value, "0"), known, 0)

    def _argument(self, key: Key) -> str:
        if key not in self.arguments:
            self.arguments[key] = f"%a{len(self.arguments)}"
        return self.arguments[key]

    def code(self, of: Type, member: str) -> int:
        if of.kind == "enum":
            return self.owner._members[of.enum][member]
        texts = self.owner.program.texts
        return texts.setdefault(member, len(texts))

    def bound(self, entity: str, name: str) -> int | None:
        known = self.owner.bounds.get((entity, name))
        if known is None and not self.owner.supply.within_limits:
            return LARGEST
        return known

    # --- writing

    def bit(self, bits: str, bit: str, position: int) -> str:
        if bit == FALSE:
            return bits
        wide = self.lines.select("i64", bit, str(1 << position), "0")
        return wide if bits == "0" else self.lines.op(f"or i64 {bits}, {wide}")

    def put(self, value: str, bits: int, array: str) -> None:
        place = self.lines.op(f"getelementptr inbounds i{bits}, ptr {array}, i64 %i")
        self.lines.text.append(f"  store i{bits} {value}, ptr {place}")

    def store(self, value: Value, of: Type, array: str) -> None:
        """A value as it stands in memory, its unknown included."""
        lines, bits = self.lines, width(of)
        if isinstance(value, Boolean):
            found = lines.select("i8", value.yes, "1", lines.select("i8", value.no, "0", str(UNKNOWN_TRUTH)))
        elif bits == 64:
            found = lines.select("i64", value.known, value.value, str(UNKNOWN_64))
        else:
            short = value.value
            if short.startswith("%"):
                short = lines.op(f"trunc i64 {short} to i32")
            found = lines.select("i32", value.known, short, str(UNKNOWN_32))
        self.put(found, bits, array)

    def loop(self, name: str, outs: list[str]) -> str:
        """A function over rows `start` to `stop`."""
        return self._function(name, outs, ["body:", *self.lines.text], "body")

    def guarded_loop(self, name: str, clauses: int) -> str:
        """Like `loop`, for the rows on which every clause holds; the others get their verdict from the bits alone."""
        wide = f"i{bits_width(clauses)}"
        everything = (1 << clauses) - 1
        body = [
            "body:",
            f"  %hp = getelementptr inbounds {wide}, ptr %held, i64 %i",
            f"  %h = load {wide}, ptr %hp",
            f"  %all = icmp eq {wide} %h, {everything}",
            "  br i1 %all, label %calc, label %other",
            "other:",
            f"  %up = getelementptr inbounds {wide}, ptr %unknown, i64 %i",
            f"  %u = load {wide}, ptr %up",
            f"  %hu = or {wide} %h, %u",
            f"  %open = icmp eq {wide} %hu, {everything}",
            "  %ov = select i1 %open, i8 2, i8 0",
            "  %ovp = getelementptr inbounds i8, ptr %verdict, i64 %i",
            "  store i8 %ov, ptr %ovp",
            "  %oap = getelementptr inbounds i64, ptr %amount, i64 %i",
            "  store i64 0, ptr %oap",
            "  %opp = getelementptr inbounds i8, ptr %paid, i64 %i",
            "  store i8 0, ptr %opp",
            "  br label %latch",
            "calc:",
            *self.lines.text,
        ]
        return self._function(name, ["held", "unknown", "verdict", "amount", "paid"], body, "calc")

    def _function(self, name: str, outs: list[str], body: list[str], last: str) -> str:
        pointers = [
            *(f"noalias {array}" for array in self.arguments.values()),
            *(f"noalias %{out}" for out in outs),
        ]
        listed = ", ".join(
            ["i64 %start", "i64 %stop", *(f"ptr {pointer}" for pointer in pointers), "ptr noalias %over"]
        )
        end = ["  br label %latch"]
        if self.lines.overflows:
            beyond = FALSE
            start = len(self.lines.text)
            for bit in self.lines.overflows:
                beyond = self.lines.either(beyond, bit)
            end = self.lines.text[start:]
            if beyond == FALSE:
                end.append("  br label %latch")
            else:
                end += [
                    f"  br i1 {beyond}, label %beyond, label %latch",
                    "beyond:",
                    "  store i8 1, ptr %over",
                    "  br label %latch",
                ]
        return "\n".join(
            [
                f"define void @{name}({listed}) {{",
                "entry:",
                "  br label %head",
                "head:",
                "  %i = phi i64 [ %start, %entry ], [ %next, %latch ]",
                "  %more = icmp slt i64 %i, %stop",
                "  br i1 %more, label %body, label %exit",
                *body,
                *end,
                "latch:",
                "  %next = add nsw i64 %i, 1",
                "  br label %head",
                "exit:",
                "  ret void",
                "}",
            ]
        )
