"""A draft held against everything else that stands: its mistakes, its cases, and which policies it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jiuye.engine.basis.problems import Problem, Problems
from jiuye.engine.rules.cases import CaseFailure, run_cases
from jiuye.engine.rules.pack import Pack, load_pack
from jiuye.engine.rules.simulate import changed_policies
from jiuye.office.policies.book import book_in_force, overlay_published
from jiuye.office.policies.texts import file_in


@dataclass(frozen=True, slots=True)
class Checked:
    """What the engine makes of a draft. `policies` are those that it changes against the rules in force."""

    pack: Pack
    problems: Problems
    failures: tuple[CaseFailure, ...]
    policies: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Every expression is understood and every case comes out."""
        return not self.problems.errors and not self.failures

    def of_file(self, path: str) -> list[Problem]:
        """The problems that stand in that file, in the order of its lines."""
        return [problem for problem in self.problems if problem.place.file.endswith(f"/{path}")]

    def elsewhere(self, path: str) -> list[Problem]:
        """Errors in other files: what the draft breaks there."""
        here = self.of_file(path)
        return [problem for problem in self.problems.errors if problem not in here]


def check_texts(texts: Mapping[str, str]) -> Checked:
    """Check these texts over the pack and everything published. Nothing is kept, and nothing in force is touched."""
    pack, problems = load_pack(Path(settings.PACK), {**overlay_published(), **texts})
    if problems.errors:
        return Checked(pack, problems, (), ())
    changed = tuple(changed_policies(book_in_force().pack, pack))
    _, failures = run_cases(pack, policies=changed)
    return Checked(pack, problems, tuple(failures), changed)


def current_text(path: str, published: Mapping[str, str] | None = None) -> str | None:
    """A file's text as a new draft takes it up: published, else the pack's; None where there is none. Who asks for several files reads what
    was published once."""
    published = published if published is not None else overlay_published()
    return published[path] if path in published else file_in(Path(settings.PACK), path)
