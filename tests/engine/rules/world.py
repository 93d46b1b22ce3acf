"""A small world in which every construct of the language has something to work on, and two ways to ask for a value in it.

`World.value` asks both evaluators and insists that they agree, so that each test of a meaning is a test of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.dates import period_of
from jiuye.engine.basis.documents import Scalar, parse_yaml
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.closures import Compiler, Decision
from jiuye.engine.rules.columns import MACROS, ColumnCompiler, Scope, literal, null_of, quoted
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.rows import Row, read_row
from jiuye.engine.rules.tree import Node
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.typing import type_expression
from tests.engine.rules.workshop import written

FACTS = """
enums:
  colour: {red: 红, blue: 蓝, grey: 灰}
  size: {small: 小, large: 大}
entities:
  thing:
    name: 物
    relations:
      box: {to: box, name: 所在箱}
      parts: {many: part, by: thing, name: 零件}
    facts:
      n: {type: integer, name: 数}
      m: {type: integer, name: 另一数}
      price: {type: money, name: 价, register: 价目处, ask: 价钱是多少？, ask_en: What is the price?}
      cost: {type: money, name: 成本}
      rate: {type: ratio, decimals: 2, name: 率}
      start: {type: date, name: 起}
      until: {type: date, name: 止}
      since: {type: month, name: 自}
      sure: {type: boolean, name: 确定}
      flag: {type: boolean, name: 旗}
      colour: {type: enum, enum: colour, name: 颜色}
      paint: {type: enum, enum: colour, name: 漆}
      size: {type: enum, enum: size, name: 大小}
      note: {type: text, name: 注}
      large: {type: boolean, name: 大吗}
  box:
    name: 箱
    relations:
      things: {many: thing, by: box, name: 箱中物}
      outer: {to: box, name: 外箱}
    facts:
      n: {type: integer, name: 容量}
      colour: {type: enum, enum: colour, name: 箱色}
  part:
    name: 零件
    relations:
      thing: {to: thing, name: 所属}
    facts:
      price: {type: money, name: 零件价}
      n: {type: integer, name: 件数}
      made: {type: date, name: 造}
      sure: {type: boolean, name: 验}
"""
PARAMETERS = """
sources: {law: {document: 物律}}
parameters:
  limit: {name: 限, type: integer, values: {2000-01-01: {value: 10, source: law}, 2010-01-01: {value: 20, source: law}, 2020-01-01: {unset: 还没有查到}}}
  share: {name: 份, type: ratio, values: {2000-01-01: {value: 0.375, source: law}}}
  fee: {name: 费, type: money, by: colour, values: {red: {2000-01-01: {value: 1.50, source: law}}, blue: {2000-01-01: {unset: 蓝色没有规定}}, else: {2000-01-01: {value: 9, source: law}}}}
  worth:
    name: 值
    type: money
    by: [colour, size]
    values:
      red: {small: {2000-01-01: {value: 1, source: law}}, else: {2000-01-01: {value: 2, source: law}}}
      else: {small: {2000-01-01: {value: 3, source: law}}, else: {2000-01-01: {value: 4, source: law}}}
  grade:
    name: 级
    type: integer
    by: integer_steps
    values: {0: {2000-01-01: {value: 1, source: law}}, 10: {2000-01-01: {value: 2, source: law}}, 20: {2000-01-01: {value: 3, source: law}}}
  band:
    name: 档
    type: integer
    by: money_steps
    values: {0.01: {2000-01-01: {value: 1, source: law}}, "1,000.00": {2000-01-01: {value: 2, source: law}}, else: {2000-01-01: {value: 0, source: law}}}
  step_and_size:
    name: 阶与大小
    type: integer
    by: [integer_steps, size]
    values:
      0: {small: {2000-01-01: {value: 1, source: law}}, large: {2000-01-01: {value: 2, source: law}}}
      5: {small: {2000-01-01: {value: 3, source: law}}, large: {2000-01-01: {unset: 没有查到}}}
  exact: {name: 准, type: integer, by: integer, values: {1: {2000-01-01: {value: 100, source: law}}, 3: {2000-01-01: {value: 300, source: law}}}}
  by_flag: {name: 旗值, type: boolean, by: boolean, values: {true: {2000-01-01: {value: false, source: law}}, false: {2000-01-01: {value: true, source: law}}}}
  day: {name: 日, type: date, values: {2000-01-01: {value: 2012-02-29, source: law}}}
  favourite: {name: 宠, type: enum, enum: colour, values: {2000-01-01: {value: blue, source: law}}}
  scale: {name: 累进, type: scale, values: {2000-01-01: {scale: {0: 0.03, 1000: 0.10, 5000: 0.25}, source: law}, 2015-01-01: {unset: 没有查到}}}
"""
DERIVED = """
entity: thing
facts:
  margin: {type: money, name: 利, law: 物律, value: price - cost}
  big: {type: boolean, name: 大物, law: 物律, value: {2000-01-01: n >= 100, 2010-01-01: n >= 200, 2012-02-29: n >= 300}}
  heavy: {type: integer, name: 总件数, law: 物律, value: sum(parts.n)}
  boxed_sum: {type: integer, name: 箱中总数, law: 物律, value: "sum(box.things, heavy)"}
"""
FILES = {"facts.yaml": FACTS, "parameters/all.yaml": PARAMETERS, "derived/thing.yaml": DERIVED}
ON = date(2011, 5, 20)


@dataclass
class World:
    """The pack, and what was typed in it before."""

    pack: Pack
    _typed: dict[tuple[str, str], Node] = field(default_factory=dict)

    @staticmethod
    def make(folder: Path) -> World:
        return World(require_pack(written(folder, FILES)))

    def node(self, expression: str, entity: str = "thing") -> Node:
        """The typed tree of an expression; a mistake in it fails the test with its sentence."""
        if (entity, expression) not in self._typed:
            problems = Problems()
            scalar = Scalar(expression, Place("test", 1, 1, len(expression), expression), False)
            node = type_expression(scalar, entity, self.pack.vocabulary, self.pack.parameters, problems)
            assert node is not None, [item.render("en") for item in problems]
            self._typed[entity, expression] = node
        return self._typed[entity, expression]

    def row(self, facts: str, entity: str = "thing") -> Row:
        """Facts as they stand in a case: `n: 3, parts: [{n: 1}]`."""
        problems = Problems()
        document = parse_yaml("{" + facts + "}", "facts", problems)
        assert document is not None
        row = read_row(document, entity, self.pack.vocabulary, problems)
        assert not problems, [item.render("en") for item in problems]
        return row

    def walk(
        self, expression: str, facts: str = "", on: date = ON, period: str = "month", entity: str = "thing"
    ) -> Any:
        """The value by the walk over one subject."""
        derived = {key: item.value for key, item in self.pack.derived.items()}
        closure = Compiler(derived).node(self.node(expression, entity))
        return closure(self.row(facts, entity), Decision(on, period_of(period, on)))

    def columns(
        self, expression: str, facts: str = "", on: date = ON, period: str = "month", entity: str = "thing"
    ) -> Any:
        """The value by the columnar evaluator, every list of the world being known."""
        with duckdb.connect() as connection:
            connection.execute(MACROS)
            laid_out(connection, self.pack, [self.row(facts, entity)], on)
            compiler = ColumnCompiler(on, period_of(period, on))
            scope = Scope(entity, "s", lambda name: quoted(f"t_{name}"), lambda name, relation: True)
            value = compiler.node(self.node(expression, entity), scope)
            query = f"SELECT {value} FROM t_{entity} s {' '.join(scope.joins)} WHERE s.id = 0"
            rows = connection.execute(query).fetchall()
        assert len(rows) == 1, f"{len(rows)} rows for one subject"
        return rows[0][0]

    def value(
        self, expression: str, facts: str = "", on: date = ON, period: str = "month", entity: str = "thing"
    ) -> Any:
        """The value on which both evaluators agree."""
        walked = self.walk(expression, facts, on, period, entity)
        counted = self.columns(expression, facts, on, period, entity)
        assert (walked, type(walked)) == (counted, type(counted)), f"walk {walked!r}, columns {counted!r}"
        return walked


def everyone(row: Row, seen: dict[int, Row]) -> Iterator[Row]:
    """The row and all that it is related to, each once."""
    if id(row) in seen:
        return
    seen[id(row)] = row
    yield row
    for other in row.ones.values():
        if other is not None:
            yield from everyone(other, seen)
    for others in row.many.values():
        for other in others:
            yield from everyone(other, seen)


def laid_out(connection: duckdb.DuckDBPyConnection, pack: Pack, rows: list[Row], on: date) -> None:
    """Tables `t_<entity>` with the rows and all their relations; derived facts are walked, as a column that was supplied."""
    seen: dict[int, Row] = {}
    found = [other for row in rows for other in everyone(row, seen)]
    numbers: dict[str, list[Row]] = {name: [] for name in pack.vocabulary.entities}
    for row in found:
        numbers[row.entity].append(row)
    index = {id(row): number for members in numbers.values() for number, row in enumerate(members)}
    compiler = Compiler({key: item.value for key, item in pack.derived.items()})
    for entity in pack.vocabulary.entities.values():
        ones = [relation.name for relation in entity.relations.values() if not relation.many]
        columns = [
            "CAST(0 AS BIGINT) AS id",
            *(f"CAST(0 AS BIGINT) AS {quoted(name + '_id')}" for name in ones),
        ]
        columns += [f"{null_of(fact.type)} AS {quoted(fact.name)}" for fact in entity.facts.values()]
        connection.execute(f"CREATE TABLE t_{entity.name} AS SELECT {', '.join(columns)} LIMIT 0")
        for row in numbers[entity.name]:
            values = [str(index[id(row)])]
            for name in ones:
                other = row.ones.get(name)
                values.append("NULL" if other is None else str(index[id(other)]))
            for fact in entity.facts.values():
                value = row.values.get(fact.name)
                if value is None and (entity.name, fact.name) in pack.derived:
                    node = pack.derived[entity.name, fact.name].value.at(on)
                    value = None
                    if node is not None:
                        value = compiler.node(node)(row, Decision(on, period_of("once", on)))
                values.append(literal(value, Type("number") if fact.type.kind == "month" else fact.type))
            connection.execute(f"INSERT INTO t_{entity.name} VALUES ({', '.join(values)})")
