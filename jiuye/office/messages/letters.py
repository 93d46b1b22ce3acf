"""A statutory message as a letter: an A4 page as PDF, set from the words that were kept when it was written."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import noto_cjk_sans_otc
import typst
from django.utils.translation import gettext

from jiuye.office.messages.models import Message

# Words come in as data and are never read as markup: what somebody wrote into a reason cannot change the page.
_PAGE = """
#let letter = json(bytes(sys.inputs.letter))
#set document(title: letter.title)
#set page(paper: "a4", margin: (x: 28mm, top: 37mm, bottom: 35mm), footer: align(center, text(9pt, letter.foot)))
#set text(font: "Noto Sans CJK SC", size: 12pt, lang: "zh", region: "cn")
#set par(leading: 1em, spacing: 1.1em, justify: true)
#align(center, text(18pt, weight: "bold", letter.title))
#v(10mm)
#letter.greeting
#for words in letter.paragraphs { par(first-line-indent: (amount: 2em, all: true), words) }
#v(14mm)
#align(right, letter.closing)
"""


class NoLetterError(LookupError):
    """The message was not written as a letter."""

    def __init__(self) -> None:
        super().__init__(gettext("这条消息没有决定书。"))


def letter_pdf(message: Message) -> bytes:
    """The letter of that message; the same message always has the same words. Raises NoLetterError."""
    lines = str(message.letter).split("\n") if message.letter else []
    if len(lines) < 3:
        raise NoLetterError
    letter = {
        "title": message.title,
        "greeting": lines[0],
        "paragraphs": lines[1:-1],
        "closing": lines[-1],
        "foot": message.source,
    }
    return typst.compile(
        _PAGE.encode(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"letter": json.dumps(letter, ensure_ascii=False)},
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts are read once a process."""
    folder = Path(noto_cjk_sans_otc.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
