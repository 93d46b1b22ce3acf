"""Template filters that every page may use: money, dates, and vocabulary words in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.states import STATE_LEVELS
from jiuye.office.casework.states import label as case_label
from jiuye.office.entitlements import holders
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.matters.states import STATE_LEVELS as MATTER_LEVELS
from jiuye.office.matters.states import label as matter_label
from jiuye.office.staff.roles import ROLES

register = template.Library()

MESSAGE_LEVELS = {"debug": "none", "info": "none", "success": "good", "warning": "watch", "error": "bad"}
LEVEL_ICONS = {"good": "check", "watch": "bang", "bad": "cross", "none": "info"}
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def english() -> bool:
    """True where the page is shown in English."""
    return (get_language() or "").startswith("en")


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with separators; a dash where there is no amount."""
    return "—" if fen is None else yuan_text(fen)


# In the order in which they are looked for: most browsers name others beside themselves.
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """The browser and the system of a log-in, as people call them; what is not known as it was sent, in short."""
    found = [next((name for mark, name in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(gettext(name) for name in found if name) or user_agent[:80]


@register.filter
def label(word: object) -> str:
    """A word of a vocabulary (a choice's label, a field's name) in the language of the page."""
    text = str(word)
    return gettext(text) if text else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """2023年5月24日, or 24 May 2023; a dash where there is none. A moment is shown as its day in China."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    if english():
        return f"{value.day} {MONTHS_EN[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"  # not translated: the Chinese form itself


@register.filter
def moment(value: datetime | None) -> str:
    """A moment as day and minute, in Chinese time; a dash where there is none."""
    if value is None:
        return "—"
    return f"{day(value)} {timezone.localtime(value):%H:%M}"


@register.filter
def plain(value: Any) -> Any:
    """A value as people write it: dates in words, a dash for nothing, yes or no for a truth value, the rest as it is."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if value is None or value == "":
        return "—"
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value


@register.filter
def count(value: int | None) -> str:
    """A whole number with separators; a dash where there is none."""
    return "—" if value is None else f"{value:,}"


@register.filter
def content(thing: Any, name: str = "name") -> str:
    """A text of the pack in the language of the page: `thing.name_en` in English where it exists, else `thing.name`.

    Raises AttributeError where a thing has no such text at all: a page that asks a policy for its name (it has a label) would stay blank.
    """
    if thing is None:
        return ""
    if isinstance(thing, dict):
        translated, text = thing.get(f"{name}_en"), thing.get(name)
    else:
        translated, text = getattr(thing, f"{name}_en", None), getattr(thing, name)
    return str((english() and translated) or text or "")


@register.filter
def is_inferred(policy_id: str) -> bool:
    """Whether the policy in force rests on the words of other cities, for want of a document of this one."""
    policy = rulebook().pack.policies.get(policy_id)
    return policy is not None and policy.evidence == "inferred"


@register.filter
def holder_name(text: str) -> str:
    """Who holds a fact (a register, an office, the person), in the language of the page."""
    return holders.holder_name(str(text))


@register.filter
def holder_names(texts: Iterable[str]) -> str:
    """Several of them, one beside the other."""
    return " · ".join(holders.holder_name(text) for text in texts)


@register.filter
def role_label(role: str) -> str:
    """A role's name in the language of the page."""
    return gettext(ROLES[role])


@register.filter
def sorted_roles(roles: Iterable[str]) -> list[str]:
    """Roles by name, in the order of the vocabulary."""
    held = set(roles)
    return [gettext(name) for role, name in ROLES.items() if role in held]


@register.filter
def message_level(tags: str) -> str:
    """Django's message level as one of the design system's: none, good, watch, bad."""
    return next((MESSAGE_LEVELS[tag] for tag in tags.split() if tag in MESSAGE_LEVELS), "none")


@register.filter
def message_icon(tags: str) -> str:
    """The icon of a message's level."""
    return LEVEL_ICONS[message_level(tags)]


@register.filter
def state_level(state: str) -> str:
    """The level of a case's state, for its light."""
    return STATE_LEVELS[state]


@register.filter
def applicant_word(state: str) -> str:
    """A case's state in the applicant's words."""
    return gettext(case_label(state, "applicant"))


@register.filter
def matter_level(state: str) -> str:
    """The level of a matter's state, for its light."""
    return MATTER_LEVELS[state]


@register.filter
def matter_word(state: str) -> str:
    """A matter's state in the applicant's words."""
    return gettext(matter_label(state, "applicant"))


@register.filter
def period(thing: Any) -> str:
    """The period a benefit is for: 2025年9月1日至2025年9月30日, or 一次性."""
    from jiuye.portals.common.words import period_words

    return period_words(thing)
