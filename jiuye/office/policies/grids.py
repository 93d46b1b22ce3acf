"""Values of one or two parameters to try: every combination becomes a text of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.rules.editing import NoSuchPlaceError, parameter_values, with_value
from jiuye.office.policies.refusals import PolicyRefusal

MOST_POINTS = 25


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One value of a parameter in one file, by its place (`share/second/2023-01-01`), and what to try instead."""

    file: str
    place: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One or two axes."""

    axes: tuple[GridAxis, ...]

    def as_dict(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Plain data for JSON, with each axis called by its parameter."""
        axes = []
        for axis in self.axes:
            found = next((row for row in parameter_values(texts[axis.file]) if row.place == axis.place), None)
            keys = [*found.keys, found.start] if found is not None else [axis.place]
            axes.append(
                {
                    "file": axis.file,
                    "place": axis.place,
                    "values": list(axis.values),
                    "label": " · ".join([found.label if found is not None else "", *keys]),
                    "label_en": " · ".join([found.label_en if found is not None else "", *keys]),
                }
            )
        return {"axes": axes}


class BadGridError(PolicyRefusal):
    """A grid that cannot be tried."""


def grid_points(texts: Mapping[str, str], grid: Grid) -> dict[str, dict[str, str]]:
    """The draft's texts with every combination of values written in, by key (`0.55`, `0.55|36`). Raises BadGridError."""
    if not 1 <= len(grid.axes) <= 2:
        raise BadGridError(gettext("请选一个或两个参数。"))
    number = 1
    for axis in grid.axes:
        number *= len(axis.values)
    if not 1 <= number <= MOST_POINTS:
        raise BadGridError(
            gettext("请给出 1 到 %(most)d 组取值；现在是 %(number)d 组。")
            % {"most": MOST_POINTS, "number": number}
        )
    points = {}
    for values in product(*(axis.values for axis in grid.axes)):
        changed = dict(texts)
        for axis, value in zip(grid.axes, values, strict=True):
            changed[axis.file] = _written(changed, axis, value)
        points["|".join(values)] = changed
    return points


def _written(texts: Mapping[str, str], axis: GridAxis, value: str) -> str:
    text = texts.get(axis.file)
    if text is None:
        raise BadGridError(gettext("草案里没有文件“%(path)s”。") % {"path": axis.file})
    for found in parameter_values(text):
        if found.place == axis.place:
            if not found.accepts(value):
                raise BadGridError(
                    gettext("“%(value)s”不能作为“%(name)s”的值。") % {"value": value, "name": found.label}
                )
            try:
                return with_value(text, axis.place, value)
            except NoSuchPlaceError:
                break
    raise BadGridError(gettext("草案里没有参数“%(place)s”。") % {"place": axis.place})
