"""The texts of a pack: the files of its folder, with texts in hand (a draft, a publication) standing in for them or beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping as Texts
from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, parse_yaml, read_text
from jiuye.engine.basis.problems import Place, Problems

VOCABULARY = "facts.yaml"
QUESTIONS = "questions.yaml"  # what may be asked: no rule, but read with them
ENDING = ".yaml"
FOLDERS = ("facts", "parameters", "derived", "policies")
_NAME = re.compile(rf"(?:{'|'.join(FOLDERS)})/[^/\\\0]+\.yaml")


def is_pack_file(name: str) -> bool:
    """True for what a pack is read from: `facts.yaml` and `<folder>/<file>.yaml`, named from the pack's folder."""
    return name == VOCABULARY or (_NAME.fullmatch(name) is not None and "/." not in name)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a pack's folder held at one moment: the texts by name, and the names of what stands among them and is not read."""

    texts: dict[str, str]
    others: tuple[str, ...]

    def text(self, name: str, overlay: Texts[str, str]) -> str:
        """The text that a pack is read from under that name, an overlay's before the folder's. Raises KeyError where neither has it."""
        return overlaid(overlay[name]) if name in overlay else self.texts[name]


def contents_of(folder: Path) -> Contents | None:
    """Everything that a pack is read from; None where something cannot be read, which reading the pack will explain."""
    try:
        names = [name for name in (VOCABULARY, QUESTIONS) if (folder / name).exists()]
        others: list[str] = []
        for part in FOLDERS:
            for name in _listing(folder / part):
                (names if name.endswith(ENDING) else others).append(f"{part}/{name}")
        return Contents(
            {name: (folder / name).read_text(encoding="utf-8-sig") for name in names}, tuple(others)
        )
    except (OSError, UnicodeDecodeError):
        return None


def overlaid(text: str) -> str:
    """A text of an overlay as a file would be read: with plain line ends."""
    return text.replace("\r\n", "\n")


def _listing(folder: Path) -> list[str]:
    """What stands in a folder and is not hidden, in order."""
    return (
        sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        if folder.is_dir()
        else []
    )


class PackFiles:
    """Reads a pack's files, each once, and keeps what was read in `texts` by name.

    `overlay` maps names to texts that are read instead of the files, or besides them. Without a `folder` there is nothing else.
    `called` is the pack's name in problems. With `contents` nothing is read from the folder any more.
    """

    def __init__(
        self,
        folder: Path | None,
        overlay: Texts[str, str],
        problems: Problems,
        called: str,
        contents: Contents | None = None,
    ) -> None:
        self.folder, self.overlay, self.problems, self.called = folder, overlay, problems, called
        self.contents = contents
        self.texts: dict[str, str] = {}
        for name in sorted(overlay):
            if not is_pack_file(name):
                problems.add(
                    Place(name),
                    "no-file-of-a-pack",
                    zh=f"规则包里没有“{name}”的位置；只能是 facts.yaml，或 {'、'.join(FOLDERS)} 下的 .yaml 文件。",
                    en=f"'{name}' has no place in a pack; it is facts.yaml, or a .yaml file under {', '.join(FOLDERS)}.",
                )

    def shown(self, name: str) -> str:
        """The file's name in problems: `pack/policies/x.yaml`."""
        return f"{self.called}/{name}"

    def document(self, name: str) -> Mapping | None:
        """One file, or None where it cannot be read, with the reason recorded."""
        text: str | None
        if name in self.overlay:
            text = overlaid(self.overlay[name])
        elif self.contents is not None and name in self.contents.texts:
            text = self.contents.texts[name]
        elif self.folder is None:
            self.problems.add(
                Place(self.shown(name)),
                "no-such-file",
                zh="没有这个文件。请检查路径。",
                en="there is no such file; check the path.",
            )
            return None
        else:
            text = read_text(self.folder / name, self.shown(name), self.problems)
        if text is None:
            return None
        self.texts[name] = text
        return parse_yaml(text, self.shown(name), self.problems)

    def documents(self, part: str) -> dict[str, Mapping]:
        """Every `.yaml` file of one folder, by name and in its order; what has another ending is reported."""
        found = {}
        for name in sorted({*self._listed(part), *self._laid_over(part)}):
            document = self.document(name)
            if document is not None:
                found[name] = document
        return found

    def _laid_over(self, part: str) -> list[str]:
        return [name for name in self.overlay if name.startswith(f"{part}/") and is_pack_file(name)]

    def beside(self, name: str, problems: Problems) -> Mapping | None:
        """A file that stands beside the rules and is none of them; None where there is none, or where it cannot be read."""
        if self.folder is None:
            return None
        if self.contents is not None:
            text = self.contents.texts.get(name)
        elif not (self.folder / name).exists():
            return None
        else:
            text = read_text(self.folder / name, self.shown(name), problems)
        return parse_yaml(text, self.shown(name), problems) if text is not None else None

    def _standing(self, part: str) -> list[str]:
        """The names in one folder, what is not read among them."""
        if self.contents is not None:
            found = [*self.contents.texts, *self.contents.others]
            return sorted(name.removeprefix(f"{part}/") for name in found if name.startswith(f"{part}/"))
        return _listing(self.folder / part) if self.folder is not None else []

    def _listed(self, part: str) -> list[str]:
        names = []
        for name in self._standing(part):
            if name.endswith(ENDING):
                names.append(f"{part}/{name}")
                continue
            self.problems.add(
                Place(self.shown(f"{part}/{name}")),
                "not-read",
                zh="这里只读 .yaml 文件，这个没有读。请改名为 .yaml，或移到别处。",
                en="only .yaml files are read here, and this one was not; rename it to .yaml, or move it elsewhere.",
                warning=not name.endswith(".yml"),
            )
        return names
