"""Packs with a change in them, and mistakes as situations: what stands in a file, and what is said about it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.rules.pack import Pack, load_pack, require_pack

TITHE = Path(__file__).parent / "tithe_pack"


@dataclass(frozen=True)
class Change:
    """In `file`, `old` becomes `new`; without `old` the file is written anew."""

    file: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        path = folder / self.file
        path.parent.mkdir(exist_ok=True)
        if not self.old:
            path.write_text(self.new + "\n", encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        assert text.count(self.old) == 1, f"{self.file} holds {self.old!r} {text.count(self.old)} times"
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Mistake:
    """A situation of one of the files under mistakes/: the change, and every problem it makes, in both languages."""

    name: str
    changes: tuple[Change, ...]
    zh: str
    en: str


def changed_tithe(folder: Path, *changes: Change) -> Path:
    """A copy of the tithe pack with these changes."""
    target = folder / "tithe"
    shutil.copytree(TITHE, target)
    for change in changes:
        change.apply(target)
    return target


def pack_of(folder: Path, files: dict[str, str]) -> Pack:
    """A sound pack of these files."""
    return require_pack(written(folder, files))


def written(folder: Path, files: dict[str, str]) -> Path:
    """These files, written below a new folder."""
    target = folder / "pack"
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return target


def rendered(folder: Path, lang: str, *, warnings: bool = False) -> str:
    """Every problem of a pack as the command line shows it; warnings only where they are asked for."""
    _, problems = load_pack(folder)
    shown = [item for item in problems if not item.warning or warnings]
    return "\n".join(item.render(lang) for item in shown)


def mistakes_in(path: Path) -> list[Mistake]:
    """The situations of a file: `== name`, `in FILE`, lines with - (old) and + (new), then `zh` and `en` with the answers."""
    found = []
    for block in path.read_text(encoding="utf-8").split("\n== ")[1:]:
        name, _, body = block.partition("\n")
        changing, _, answers = body.partition("\nzh\n")
        zh, _, en = answers.partition("\nen\n")
        changes = []
        for part in ("\n" + changing).split("\nin ")[1:]:
            file, _, lines = part.partition("\n")
            old = "\n".join(line[1:] for line in lines.split("\n") if line.startswith("-"))
            new = "\n".join(line[1:] for line in lines.split("\n") if line.startswith("+"))
            changes.append(Change(file.strip(), old, new))
        found.append(Mistake(name.strip(), tuple(changes), zh.strip("\n"), en.strip("\n")))
    return found
