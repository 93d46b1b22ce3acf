"""The English catalogue held against what was extracted, and compiled for Django."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

import polib

from jiuye.portals.common.translations.extract import Extraction, Finding, Message

CATALOGUE = Path("jiuye") / "locale" / "en" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def examine(root: Path, extraction: Extraction) -> tuple[list[Finding], list[Finding]]:
    """What is wrong with the catalogue (missing, empty, fuzzy, other placeholders, twice), and which entries nothing uses any more."""
    catalogue = polib.pofile(str(root / CATALOGUE))
    entries: dict[tuple[str, str], polib.POEntry] = {}
    findings = list(extraction.findings)
    for entry in catalogue:
        if entry.obsolete:
            continue
        key = (entry.msgctxt or "", entry.msgid)
        if key in entries:
            findings.append(
                Finding(f"{CATALOGUE}:{entry.linenum}", f"“{entry.msgid[:40]}”写了两次。请删去一条。")
            )
        entries[key] = entry
    for key, message in extraction.messages.items():
        findings += _held_against(message, entries.get(key))
    unused = [
        Finding(f"{CATALOGUE}:{entry.linenum}", f"“{entry.msgid[:40]}”没有地方再用。请删去。")
        for key, entry in entries.items()
        if key not in extraction.messages
    ]
    return findings, unused


def _held_against(message: Message, entry: polib.POEntry | None) -> list[Finding]:
    place, shown = message.places[0], message.msgid[:40]
    if entry is None:
        return [Finding(place, f"“{shown}”没有英文译文。请补到 {CATALOGUE}。")]
    texts = (
        [entry.msgstr_plural.get(0, ""), entry.msgstr_plural.get(1, "")] if message.plural else [entry.msgstr]
    )
    if not all(texts) or "fuzzy" in entry.flags:
        return [Finding(f"{CATALOGUE}:{entry.linenum}", f"“{shown}”的英文译文是空的或待核。请补全。")]
    wanted = sorted(set(PLACEHOLDER.findall(message.msgid + message.plural)))
    return [
        Finding(
            f"{CATALOGUE}:{entry.linenum}",
            f"“{shown}”与译文的占位符不同：原文 {wanted}，译文 {sorted(set(PLACEHOLDER.findall(text)))}。",
        )
        for text in texts[-1:]
        if sorted(set(PLACEHOLDER.findall(text))) != wanted
    ]


def compile_catalogue(root: Path) -> int:
    """Write the .mo that Django reads, where it is older than the .po; the number of translations.

    The file is written aside and moved into place, since several processes may start at once.
    """
    source = root / CATALOGUE
    target = source.with_suffix(".mo")
    catalogue = polib.pofile(str(source))
    if not target.exists() or target.stat().st_mtime_ns <= source.stat().st_mtime_ns:
        aside = target.with_suffix(f".mo.{os.getpid()}")
        catalogue.save_as_mofile(str(aside))
        aside.replace(target)
    return len(catalogue.translated_entries())


def stubs(root: Path, extraction: Extraction) -> str:
    """Entries for what is missing, ready to be filled in and merged."""
    known = {(entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(root / CATALOGUE))}
    made = polib.POFile()
    for key, message in extraction.messages.items():
        if key not in known:
            made.append(
                polib.POEntry(
                    msgid=message.msgid,
                    msgctxt=message.context or None,
                    msgid_plural=message.plural,
                    msgstr_plural={0: "", 1: ""} if message.plural else {},
                    comment=message.places[0],
                )
            )
    return "\n".join(str(entry) for entry in made)


def merge(root: Path, addition: Path) -> int:
    """Add the filled-in entries of `addition` to the catalogue, replacing those it has; how many were taken.

    The file is locked meanwhile: several people merge into one checkout.
    """
    with (root / CATALOGUE).open() as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        return _merge(root, addition)


def _merge(root: Path, addition: Path) -> int:
    catalogue = polib.pofile(str(root / CATALOGUE), wrapwidth=110)
    taken = 0
    for entry in polib.pofile(str(addition)):
        if not entry.translated():
            continue
        known = catalogue.find(entry.msgid, msgctxt=entry.msgctxt or False)
        if known is None:
            entry.comment = ""
            catalogue.append(entry)
        else:
            known.msgstr, known.msgstr_plural = entry.msgstr, entry.msgstr_plural
        taken += 1
    catalogue.save()
    return taken
