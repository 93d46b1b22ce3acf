"""What the checker says, beside the lines that it is about: for the editor, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiuye.engine.basis.problems import Problem
from jiuye.engine.rules.cases import CaseFailure
from jiuye.office.policies.checking import Checked
from jiuye.portals.common.templatetags.jiuye import english

ROOM_BELOW = 3  # empty lines under the text, to write on


@dataclass(frozen=True, slots=True)
class Note:
    """One remark at one place. The marked characters stand between `before` and `after` of their line."""

    level: str  # bad | watch
    line: int
    column: int
    file: str  # empty where it is the file that is being edited
    sentence: str
    code: str
    before: str
    marked: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the editor's margin: its number, and the worst and the first of what is said about it."""

    number: int
    level: str
    said: str


@dataclass(frozen=True, slots=True)
class Margin:
    """Everything that stands around the text."""

    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    elsewhere: tuple[Note, ...]
    errors: int
    warnings: int
    failures: int

    @property
    def sound(self) -> bool:
        return not self.errors and not self.failures

    @property
    def rows(self) -> int:
        return len(self.lines)


def margin_of(text: str, path: str, checked: Checked) -> Margin:
    """The margin of one file's text after a check of the whole draft."""
    here = [note_of(problem) for problem in checked.of_file(path)]
    here += [_failed(failure) for failure in checked.failures if _is_in(failure.place.file, path)]
    here.sort(key=lambda note: (note.line, note.column))
    there = [note_of(problem, other=True) for problem in checked.elsewhere(path)]
    there += [
        _failed(failure, other=True) for failure in checked.failures if not _is_in(failure.place.file, path)
    ]
    by_line: dict[int, list[Note]] = {}
    for note in here:
        by_line.setdefault(note.line, []).append(note)
    count = max(len(text.splitlines()) + ROOM_BELOW, *by_line, 1)
    lines = tuple(
        Line(
            number, _worst(by_line.get(number, ())), by_line[number][0].sentence if number in by_line else ""
        )
        for number in range(1, count + 1)
    )
    return Margin(
        lines,
        tuple(here),
        tuple(there),
        len(checked.problems.errors),
        len([problem for problem in checked.of_file(path) if problem.warning]),
        len(checked.failures),
    )


def _is_in(file: str, path: str) -> bool:
    return file.endswith(f"/{path}")


def note_of(problem: Problem, *, other: bool = False) -> Note:
    """One problem as a note; `other` names its file, where that is not the one at hand."""
    place = problem.place
    begin = place.column - 1
    source = place.source.rstrip()
    return Note(
        "watch" if problem.warning else "bad",
        place.line,
        place.column,
        place.file.partition("/")[2] if other else "",
        problem.en if english() else problem.zh,
        problem.code,
        source[:begin].lstrip(),
        source[begin : begin + max(1, place.width)],
        source[begin + max(1, place.width) :],
    )


def _failed(failure: CaseFailure, *, other: bool = False) -> Note:
    said = failure.en if english() else failure.zh
    return Note(
        "bad",
        failure.place.line,
        1,
        failure.place.file.partition("/")[2] if other else "",
        _("案例“%(name)s”：%(said)s") % {"name": failure.name, "said": said},
        "case",
        "",
        "",
        "",
    )


def _worst(notes: Sequence[Note]) -> str:
    levels = {note.level for note in notes}
    return "bad" if "bad" in levels else "watch" if levels else ""
