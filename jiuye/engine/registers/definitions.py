"""Reading `registers.yaml`: the registers of other departments that the pack's facts are bound to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, read_yaml
from jiuye.engine.basis.problems import Place, Problems

INTERVALS = {
    "day": "每天", "week": "每周", "month": "每月", "quarter": "每季度", "year": "每年", "once": "一次性",
}  # fmt: skip
LISTS = {
    "everyone": "登记全体：没有记录就是不知道",
    "holders": "只登记有此情形的：收到全量数据后，没有记录就是没有此情形",
}
# The kinds of dated rows that have tables of their own, whatever the city.
ROWS = (
    "contribution", "birth", "employer_figures", "traineeship_base", "certificate", "training", "apprenticeship",
    "student", "disabled", "subsistence_allowance", "veteran", "pensioner",
    "employment", "household_member",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register:
    """One register: who keeps it, how often it is delivered, and what its silence means.

    A register that `lists` holders is a list of those whom something applies to: once it was delivered whole, a subject that
    is not in it is a no (0 for numbers). One that lists everyone says nothing by its silence. What a `protected` one says is
    masked on pages. `rows` are the kinds of dated rows that it delivers besides facts.
    """

    key: str
    name: str
    name_en: str
    department: str
    department_en: str
    every: str
    lists: str
    protected: bool
    place: Place
    rows: tuple[str, ...] = ()


def load_registers(
    path: Path, *, problems: Problems | None = None, base: Path | None = None
) -> tuple[dict[str, Register], Problems]:
    """The registers in `path` by key, and what is wrong with them. A pack without the file has none."""
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base) if path.exists() else None
    registers = root.mapping("registers", required=True) if root is not None else None
    found: dict[str, Register] = {}
    for key, place, node in registers.mappings("登记簿", "the register") if registers is not None else ():
        if not key.isidentifier() or not key.isascii() or key != key.lower():
            problems.add(
                place,
                "bad-name",
                zh=f"登记簿的键“{key}”只能用小写字母、数字和下划线，以字母开头。",
                en=f"the key '{key}' of a register may only use lower-case letters, digits and underscores.",
            )
        found[key] = _register(key, place, node)
        for kind in found[key].rows:
            if kind not in ROWS:
                problems.add(
                    place,
                    "unknown-rows",
                    zh=f"没有叫“{kind}”的按行交换的信息；可以写的有：{'、'.join(ROWS)}。",
                    en=f"there are no dated rows called '{kind}'; known: {', '.join(ROWS)}.",
                )
    if root is not None:
        root.finish()
    return found, problems


def _register(key: str, place: Place, node: Mapping) -> Register:
    register = Register(
        key=key,
        name=node.text("name", required=True),
        name_en=node.text("name_en", required=True),
        department=node.text("department", required=True),
        department_en=node.text("department_en", required=True),
        every=node.choice("every", INTERVALS),
        lists=node.choice("lists", LISTS),
        protected=node.flag("protected"),
        place=place,
        rows=tuple(scalar.text for scalar in node.texts("rows")),
    )
    node.finish()
    return register
