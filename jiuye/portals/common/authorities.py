"""Relatives' authorities in words, for the desk and for the resident's own pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from jiuye.office.casework.authorities import why_not_in_force
from jiuye.office.casework.models import Authority
from jiuye.office.casework.queries.authorities import speaker_of
from jiuye.office.casework.states import ACT_NAMES, RELATIONS
from jiuye.office.matters.states import ACT_NAMES as MATTER_ACT_NAMES
from jiuye.portals.common.templatetags.jiuye import content, day


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One authority as a page lists it: who holds it, from when to when, whether it holds, and what was done by it."""

    authority: Authority
    holder: str
    days: str
    level: str
    word: str
    open: bool  # can still be ended
    uses: tuple[tuple[str, str], ...] = ()  # what was done, and of what


def holder_of(authority: Authority) -> str:
    """女儿 张**: the relation, and the name masked."""
    return f"{_(RELATIONS[authority.relation])} {authority.masked_holder}"


def rows_of(authorities: Iterable[Authority], *, on: date, with_uses: bool = False) -> list[AuthorityRow]:
    """Authorities with their lights."""
    rows = []
    for one in authorities:
        why = why_not_in_force(one, on=on)
        rows.append(
            AuthorityRow(
                authority=one,
                holder=holder_of(one),
                days=f"{day(one.start)} – {day(one.until - timedelta(days=1))}",
                level="none" if why else "good",
                word=why or _("有效"),
                open=one.withdrawn_on is None and on < one.until,
                uses=tuple(_uses(one)) if with_uses else (),
            )
        )
    return rows


def choices_of(authorities: Iterable[Authority]) -> list[tuple[int, str]]:
    """Authorities in force as choices of who has come."""
    return [
        (one.pk, _("%(holder)s，授权至 %(day)s") % {"holder": holder_of(one), "day": day(one.until - timedelta(days=1))})
        for one in authorities
    ]  # fmt: skip


def spoken_words(details: dict[str, Any]) -> str:
    """What an event of a timeline says of the relative by whose authority it was done; empty where there was none."""
    if "authority" not in details:
        return ""
    who = f"{_(RELATIONS.get(str(details.get('relation')), ''))} {details.get('holder', '')}".strip()
    return _("由%(who)s持授权代办。") % {"who": who}


def noted(event: Any) -> str:
    """The words of an event with by whom it was asked for, where that was a relative."""
    return " ".join(filter(None, (spoken_words(event.details), event.note)))


def speaker_facts(thing: Any) -> list[tuple[str, str]]:
    """By whom the applicant of a case or a matter is spoken for, as a row of its facts; none where they come themselves."""
    speaker = speaker_of(thing)
    if speaker is None:
        return []
    last = day(speaker.until - timedelta(days=1))
    return [(_("代办人"), _("%(holder)s，授权至 %(day)s") % {"holder": holder_of(speaker), "day": last})]


def _uses(authority: Authority) -> Iterable[tuple[str, str]]:
    names = {**ACT_NAMES, **MATTER_ACT_NAMES}
    for use in sorted(authority.uses.all(), key=lambda row: row.pk, reverse=True):
        yield (
            f"{day(use.on_date)} · {_(names.get(use.act, use.act))}",
            f"{content(use)} {use.number} · {_('经办')} {use.before_name}",
        )
