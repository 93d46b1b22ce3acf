"""A pack made ready before: kept on disk by the hash of everything it was made from, so that a start need not read it again.

What a pack is made from is every text of it (those of an overlay too), the names of what stands beside them, and the engine that
read them: its own source, Python's version and the YAML reader's. Where one letter of these differs, the name differs, so that a kept
pack can never stand for another one. Only sound packs are kept: whoever mends one wants to see what is wrong now.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Mapping as Texts
from pathlib import Path

import yaml

from jiuye.engine.basis.collecting import nothing_collected
from jiuye.engine.basis.kept import cache_folder, read_own, restored, write_own
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.files import Contents, contents_of
from jiuye.engine.rules.pack import Pack, load_pack

LATEST_KEPT = 8  # packs that stay on disk: those of a few cities and of the last publications
ENDING = ".pack"
_ENGINE = Path(__file__).resolve().parents[1]


def _engine_stamp() -> bytes:
    """The hash of the engine's source and of what it rests on."""
    digest = hashlib.sha256(f"{sys.version}\0{yaml.__version__}".encode())
    for folder in ("basis", "rules"):
        for path in sorted((_ENGINE / folder).rglob("*.py")):
            digest.update(path.relative_to(_ENGINE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.digest()


# Taken when the engine is imported: source that is changed under a running process is not what that process runs.
_STAMP = _engine_stamp()


def ready_pack(folder: Path, overlay: Texts[str, str] | None = None) -> tuple[Pack, Problems]:
    """What `load_pack` gives, word for word, from disk where the very same was loaded before; otherwise it is loaded, and kept."""
    contents = contents_of(folder)
    if contents is None:
        return load_pack(folder, overlay)
    overlay = dict(overlay or {})
    key = _key(folder.name, contents, overlay)
    path = cache_folder() / "packs" / (key.hex()[:32] + ENDING)
    with nothing_collected():
        found = _read(path, key)
        if found is not None:
            pack, problems = found
            pack.folder = folder
            pack.texts = {name: contents.text(name, overlay) for name in pack.texts}
            return pack, problems
        pack, problems = load_pack(folder, overlay, contents)
        if not problems.errors:
            write_own(path, _written(pack, problems, key), LATEST_KEPT)
    return pack, problems


def _key(called: str, contents: Contents, overlay: dict[str, str]) -> bytes:
    digest = hashlib.sha256(_STAMP)
    for part in (
        [called],
        contents.others,
        *sorted(contents.texts.items()),
        ["over"],
        *sorted(overlay.items()),
    ):
        for text in part:
            data = text.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
        digest.update(b"\xff" * 8)  # no text is that long: where a part ends cannot be mistaken
    return digest.digest()


def _written(pack: Pack, problems: Problems, key: bytes) -> bytes:
    """The file: the whole key, the hash of what follows, the pack without its texts, which are at hand whenever it is read."""
    folder, texts = pack.folder, pack.texts
    pack.folder, pack.texts = Path(), dict.fromkeys(texts, "")
    try:
        body = pickle.dumps((pack, problems), protocol=5)
    finally:
        pack.folder, pack.texts = folder, texts
    return key + hashlib.sha256(body).digest() + body


def _read(path: Path, key: bytes) -> tuple[Pack, Problems] | None:
    """The kept pack; None where there is none, it is damaged, or it holds what no pack does."""
    data = read_own(path)
    if data is None or data[:32] != key:
        return None
    body = memoryview(data)[64:]
    if hashlib.sha256(body).digest() != data[32:64]:
        return None
    try:
        pack, problems = restored(body)
    except (pickle.UnpicklingError, EOFError, LookupError, TypeError, ValueError, AttributeError):
        return None
    return (pack, problems) if isinstance(pack, Pack) and isinstance(problems, Problems) else None
