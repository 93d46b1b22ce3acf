"""Texts of a pack by name: their hash, and the difference between two as a patch."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from pathlib import Path


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(texts: Mapping[str, str]) -> str:
    """One hash of names and texts together: what was reviewed is what is published where it is the same."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{digest_of(texts[name])}\n".encode())
    return digest.hexdigest()


def tidy(text: str) -> str:
    """Plain line ends, and one at the end of the text: a form sends others."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if not text or text.endswith("\n") else text + "\n"


def file_in(folder: Path, name: str) -> str | None:
    """The text of a pack's file, None where there is none. Plain line ends, as the loader reads it."""
    path = folder / name
    return path.read_text(encoding="utf-8-sig") if path.is_file() else None


def patch(before: Mapping[str, str | None], after: Mapping[str, str], prefix: str) -> str:
    """A unified diff of every file that differs, with paths under `prefix`, as `git apply` takes it."""
    return "".join(file_patch(before.get(name), after[name], f"{prefix}/{name}") for name in sorted(after))


def file_patch(before: str | None, after: str, path: str) -> str:
    """The diff of one file; empty where nothing differs. `before` is None for a new file."""
    if before == after:
        return ""
    lines = difflib.unified_diff(
        (before or "").splitlines(keepends=True),
        after.splitlines(keepends=True),
        "/dev/null" if before is None else f"a/{path}",
        f"b/{path}",
    )
    whole = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return f"diff --git a/{path} b/{path}\n" + ("new file mode 100644\n" if before is None else "") + whole
