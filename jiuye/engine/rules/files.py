"""The texts of a pack: the files of its folder, with texts in hand (a draft, a publication) standing in for them or beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping as Texts
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, parse_yaml, read_text
from jiuye.engine.basis.problems import Place, Problems, display_path

VOCABULARY = "facts.yaml"
FOLDERS = ("facts", "parameters", "derived", "policies")
_NAME = re.compile(rf"(?:{'|'.join(FOLDERS)})/[^/\\\0]+\.yaml")


def is_pack_file(name: str) -> bool:
    """True for what a pack is read from: `facts.yaml` and `<folder>/<file>.yaml`, named from the pack's folder."""
    return name == VOCABULARY or (_NAME.fullmatch(name) is not None and "/." not in name)


class PackFiles:
    """Reads a pack's files, each once, and keeps what was read in `texts` by name.

    `overlay` maps names to texts that are read instead of the files, or besides them. Without a `folder` there is nothing else.
    `called` is the pack's name in problems.
    """

    def __init__(
        self, folder: Path | None, overlay: Texts[str, str], problems: Problems, called: str
    ) -> None:
        self.folder, self.overlay, self.problems, self.called = folder, overlay, problems, called
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
            text = self.overlay[name].replace("\r\n", "\n")
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

    def _listed(self, part: str) -> list[str]:
        folder = self.folder / part if self.folder is not None else None
        names = []
        for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
            if path.name.startswith("."):
                continue
            if path.suffix == ".yaml":
                names.append(f"{part}/{path.name}")
                continue
            self.problems.add(
                Place(self.shown(display_path(path, self.folder))),
                "not-read",
                zh="这里只读 .yaml 文件，这个没有读。请改名为 .yaml，或移到别处。",
                en="only .yaml files are read here, and this one was not; rename it to .yaml, or move it elsewhere.",
                warning=path.suffix != ".yml",
            )
        return names
