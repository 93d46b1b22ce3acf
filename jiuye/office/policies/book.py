"""The rules in force: the files of the pack, and the publications that have come into force, loaded once and kept.

A pack that does not load never takes the place of one that does: what was sound stays, in this process or, after a start, from
the archive; what is wrong is kept beside it for the officer's page.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.pack import BrokenPackError, Pack, load_texts
from jiuye.engine.rules.ready import ready_pack
from jiuye.office.policies.models import ArchivedText, BookVersion, Effect, Publication

MOST_KEPT = 3  # books at hand: today's, and one that a transaction under way is about to bring in


@dataclass(frozen=True, slots=True)
class Book:
    """A sound pack. `origin` is `files` where it is what stands there now; `kept` or `archive` where that has `problems`."""

    pack: Pack
    origin: str
    problems: Problems


_lock = threading.Lock()
Stamp = tuple[tuple[str, int, int], ...]  # name, time of change and size of every file
_books: dict[tuple[Path, Stamp, int], Book] = {}  # (folder, its files, newest effect) → book


_held: ContextVar[dict[Path, Book] | None] = ContextVar("held_book", default=None)


@contextmanager
def one_book() -> Iterator[None]:
    """While it lasts the book is looked up once: for what only reads, such as a page, which then speaks by one book throughout."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def book_in_force() -> Book:
    """The book of `settings.PACK` with what was published and has come into force; within `one_book` as it was when first asked for.

    Raises BrokenPackError where it does not load and there never was a sound one, neither here nor in the archive.
    """
    held = _held.get()
    if held is None:
        return _looked_up()
    folder = Path(settings.PACK)
    if folder not in held:
        held[folder] = _looked_up()
    return held[folder]


def _looked_up() -> Book:
    folder = Path(settings.PACK)
    newest = Effect.objects.aggregate(newest=Max("pk"))["newest"] or 0
    key = (folder, _stamp(folder), newest)
    with _lock:
        book = _books.pop(key, None) or _made(folder)
        _books[key] = book  # the one used last is the one forgotten last
        while len(_books) > MOST_KEPT:
            del _books[next(iter(_books))]
        return book


def _stamp(folder: Path) -> Stamp:
    """What tells that a file was changed, added, taken away or put back. Asked at every request, hence without `Path`."""
    found: list[tuple[str, int, int]] = []
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".yaml") and entry.is_file():
                    stat = entry.stat()
                    found.append((entry.path, stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))


def _made(folder: Path) -> Book:
    pack, problems = ready_pack(folder, overlay_in_force())
    if not problems.errors:
        return Book(pack, "files", problems)
    for (other, _, _), book in reversed(_books.items()):
        if other == folder:
            return Book(book.pack, "kept", problems)
    archived = _archived(folder)
    if archived is not None:
        return Book(archived, "archive", problems)
    raise BrokenPackError(problems)


def _archived(folder: Path) -> Pack | None:
    """The newest archived book that loads."""
    for version in BookVersion.objects.order_by("-pk"):
        pack, problems = load_texts(texts_of(version.files), folder.name)
        if not problems.errors:
            pack.folder = folder  # what is no rule (places, registers) is read where it stands
            return pack
    return None


def overlay_in_force() -> dict[str, str]:
    """The texts of the publications that have come into force, by name; what came later holds."""
    effects = Effect.objects.select_related("publication").order_by("pk")
    return {name: text for effect in effects for name, text in effect.publication.files.items()}


def overlay_published() -> dict[str, str]:
    """The texts of all publications, those of a later day included: what a new draft builds on."""
    publications = Publication.objects.order_by("effective_on", "pk")
    return {name: text for publication in publications for name, text in publication.files.items()}


def texts_of(files: dict[str, str]) -> dict[str, str]:
    """Archived texts by name, of a mapping of names to digests."""
    found = dict(
        ArchivedText.objects.filter(digest__in=set(files.values()))
        .order_by("pk")
        .values_list("digest", "text")
    )
    return {name: found[digest] for name, digest in files.items() if digest in found}
