"""What every refusal has in common, and how long words may be: held here by the operations, and by the forms with the same numbers."""

from __future__ import annotations

from django.utils.translation import gettext

LONG = 2000  # characters of a reason, a note, an objection, an answer
MEDIUM = 500  # of an answer in a form
SHORT = 300  # of what is sent on by text message, or stands in a list
LINE = 200  # of one line: a purpose, a reason in passing
NAME = 60  # of a name or a contact


class Refusal(ValueError):
    """An act that was not done. Its text is a sentence for the person who tried: what is wrong, and what to do."""


class TooLongError(Refusal):
    """More words than are kept. Nothing is cut, since nobody would see what is missing: whoever wrote them shortens them."""

    def __init__(self, what: str, *, most: int, over: int, field: str = "") -> None:
        super().__init__(too_long(what, most=most, over=over))
        self.field = field  # of the form, where it is not the only one


def too_long(what: str, *, most: int, over: int) -> str:
    """The sentence for words that are too many, as forms and operations say it."""
    return gettext("“%(what)s”最多 %(most)d 字，现在多了 %(over)d 字；请缩短后再提交，填写的内容没有丢。") % {
        "what": gettext(what),
        "most": most,
        "over": over,
    }


def plain(text: str) -> str:
    """Words without blanks at their ends. A browser counts the end of a line as one character and sends two: it is one."""
    return text.replace("\r\n", "\n").strip()


def within(text: str, most: int, what: str, field: str = "") -> str:
    """The words as they are kept. Raises TooLongError where they are more than `most`."""
    words = plain(text)
    if len(words) > most:
        raise TooLongError(what, most=most, over=len(words) - most, field=field)
    return words
