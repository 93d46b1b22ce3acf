"""The design system's components as template tags. The gallery shows each in every state.

Tags that begin a block (`card`, `notice`, `confirm`) end with `end…`; the others stand alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy as shallow_copy
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from jiuye.engine.basis.money import yuan_text
from jiuye.portals.common.components import LOOK_PURPOSES, Clause, Crumb, Step, Tab, known_level
from jiuye.portals.common.templatetags.jiuye import LEVEL_ICONS, day, moment
from jiuye.portals.common.typed import refused_at

register = template.Library()
FOLDER = "common/components"


@register.simple_tag
@lru_cache(maxsize=256)  # a list of cases draws eighty, of a dozen kinds
def icon(name: str) -> SafeString:
    """A symbol of `icons.svg`, hidden from screen readers: the word stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("common/icons.svg"),
        name,
    )


@register.simple_tag
def light(level: str, word: str) -> SafeString:
    """A status light: colour, shape and word, so that it is read without seeing colours."""
    return format_html(
        '<span class="light light--{}"><span class="light__mark">{}</span>{}</span>',
        known_level(level),
        icon(LEVEL_ICONS[level]),
        word,
    )


@register.simple_tag
def tag(word: str, level: str = "none") -> SafeString:
    """A small label, for kinds and states that need no judgement."""
    return format_html('<span class="tag tag--{}">{}</span>', known_level(level), word)


@register.simple_tag
def money(fen: int | None, size: str = "") -> SafeString:
    """An amount with its sign, the fen smaller. No amount is a dash."""
    if fen is None:
        return mark_safe('<span class="money">—</span>')
    whole, _, part = yuan_text(abs(fen)).partition(".")
    return format_html(
        '<span class="money{}">{}<span class="money__sign">¥</span>{}<span class="money__part">.{}</span></span>',
        f" money--{size}" if size else "",
        "−" if fen < 0 else "",
        whole,
        part,
    )


@register.simple_block_tag
def card(content: str, title: str = "", level: str = "", id: str = "") -> SafeString:
    """A surface for one thing. `level` colours its upper edge; what it means must stand in the text."""
    return format_html(
        '<section class="card{}"{}>{}{}</section>',
        f" card--{level}" if level else "",
        format_html(' id="{}"', id) if id else "",
        format_html('<h2 class="card__title">{}</h2>', title) if title else "",
        content,
    )


@register.simple_block_tag
def notice(content: str, level: str = "none") -> SafeString:
    """What to know before going on, or what just happened."""
    return format_html(
        '<div class="notice notice--{}">{}<div>{}</div></div>',
        known_level(level),
        icon(LEVEL_ICONS[level]),
        content,
    )


@register.inclusion_tag(f"{FOLDER}/facts.html")
def facts(rows: Sequence[tuple[Any, Any]], columns: int = 1) -> dict[str, Any]:
    """(label, value) pairs as a definition list, in one or two columns."""
    return {"rows": rows, "columns": columns}


@register.inclusion_tag(f"{FOLDER}/pagination.html", takes_context=True)
def pagination(context: Context, page: Page) -> dict[str, Any]:
    """Links to the pages of a list, keeping the rest of the address. Nothing where there is one page."""
    return {
        "page": page,
        "request": context["request"],
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "gap": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag(f"{FOLDER}/slices.html", takes_context=True)
def slices(context: Context, slice: Any, total: int | None = None) -> dict[str, Any]:
    """The ways on from one slice of a long list, with the number of all its rows where the page knows it anyway."""
    return {"slice": slice, "total": total, "request": context["request"]}


@register.inclusion_tag(f"{FOLDER}/progress.html")
def progress(
    done_permille: int | None,
    elapsed_permille: int | None = None,
    level: str = "none",
    word: str = "",
    label: str = "",
) -> dict[str, Any]:
    """How much is done against how much of the time is gone; both in thousandths, more than 1000 is allowed.

    `None` for what is done draws an empty bar: no figure yet, never zero.
    """
    return {
        "done": None if done_permille is None else percent(done_permille),
        "width": percent(min(max(done_permille or 0, 0), 1000)),
        "elapsed": None if elapsed_permille is None else percent(min(max(elapsed_permille, 0), 1000)),
        "level": known_level(level),
        "word": word,
        "label": label,
    }


def percent(permille: int) -> str:
    """532 as `53.2%`; whole numbers without a decimal."""
    whole, part = divmod(abs(permille), 10)
    return f"{'-' if permille < 0 else ''}{whole}{f'.{part}' if part else ''}%"


@register.inclusion_tag(f"{FOLDER}/timeline.html")
def timeline(steps: Sequence[Step]) -> dict[str, Any]:
    """What happened and what comes, in order."""
    return {"steps": steps}


@register.filter
def when(value: date | datetime | str | None) -> str:
    """A step's time: a moment to the minute, a day as a day, words as they are; nothing where there is none."""
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else str(value or "")


@register.inclusion_tag(f"{FOLDER}/clauses.html")
def clause_list(clauses: Sequence[Clause], open: bool = False) -> dict[str, Any]:
    """Conditions one by one: met, not met, or not known, each with the law's words and what was read."""
    return {"clauses": clauses, "open": open}


@register.inclusion_tag(f"{FOLDER}/masked.html", takes_context=True)
def masked(context: Context, label: str, value: str, reveal_url: str = "", field: str = "") -> dict[str, Any]:
    """A protected value, masked. With `reveal_url` it can be shown for a stated purpose, and the look is recorded.

    The form posts `field` and `purpose`; an htmx answer is the `revealed` component.
    """
    return {
        "label": label,
        "value": value,
        "reveal_url": reveal_url,
        "field": field,
        "purposes": LOOK_PURPOSES,
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag(f"{FOLDER}/revealed.html")
def revealed(value: str, masked_value: str, seconds: int = 60) -> dict[str, Any]:
    """A protected value shown after a recorded look; it is masked again after `seconds`."""
    return {"value": value, "masked_value": masked_value, "seconds": seconds}


@register.inclusion_tag(f"{FOLDER}/tabs.html")
def tabs(items: Sequence[Tab], label: str = "") -> dict[str, Any]:
    """Views of one thing side by side, each with its own address."""
    return {"items": items, "label": label}


@register.inclusion_tag(f"{FOLDER}/breadcrumbs.html")
def breadcrumbs(items: Sequence[Crumb]) -> dict[str, Any]:
    """The way from the portal's first page to this one."""
    return {"items": items}


@register.inclusion_tag(f"{FOLDER}/empty.html")
def empty_state(
    title: str, text: str = "", url: str = "", action: str = "", symbol: str = "folder"
) -> dict[str, Any]:
    """Nothing here: why, and what can be done."""
    return {"title": title, "text": text, "url": url, "action": action, "symbol": symbol}


@register.inclusion_tag(f"{FOLDER}/stat.html")
def stat(
    label: str, value: Any, unit: str = "", note: str = "", url: str = "", level: str = "", word: str = ""
) -> dict[str, Any]:
    """One figure with its name and unit. `None` says "no figure yet"; with `url` it opens to what makes it."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "note": note,
        "url": url,
        "level": known_level(level) if level else "",
        "word": word,
    }


@register.inclusion_tag(f"{FOLDER}/post_button.html", takes_context=True)
def post_button(
    context: Context,
    url: str,
    label: str,
    kind: str = "primary",
    symbol: str = "",
    key: str = "",
    fields: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A button that changes something: a form of its own, posted once. `key` is its keyboard shortcut."""
    return {
        "url": url,
        "label": label,
        "kind": kind,
        "symbol": symbol,
        "key": key,
        "fields": list((fields or {}).items()),
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    id: str,
    url: str,
    button: str,
    title: str,
    action: str,
    kind: str = "primary",
    key: str = "",
) -> str:
    """A button that asks first. The block is what the dialog says, and may hold more fields of its form."""
    return render_to_string(
        f"{FOLDER}/confirm.html",
        {
            "id": id,
            "url": url,
            "button": button,
            "title": title,
            "action": action,
            "kind": kind,
            "key": key,
            "content": content,
            "again": refused_at(context["request"], url) is not None if "request" in context else False,
            "csrf_token": context.get("csrf_token", ""),
        },
    )


@register.simple_tag(takes_context=True)
def typed(context: Context, url: str, name: str, otherwise: str = "") -> str:
    """What was typed into the field of the form that posts to `url`, where it was refused; else what stands there at first."""
    found = refused_at(context["request"], url)
    if found is None:
        return otherwise
    found.shown.add(name)
    return str(found.values.get(name, ""))


@register.simple_tag(takes_context=True)
def wrong(context: Context, url: str) -> SafeString:
    """Everything that is wrong with the form that posts to `url`, which has this one place to say so, whichever field it is about."""
    found = refused_at(context["request"], url)
    rows = [(sentence,) for said in found.wrong.values() for sentence in said] if found is not None else []
    if not rows:
        return mark_safe("")
    items = format_html_join("", "<li>{}</li>", rows)
    return format_html('<ul class="errorlist" role="alert">{}</ul>', items)


@register.simple_tag(takes_context=True)
def was_refused(context: Context, url: str) -> bool:
    """Whether the form that posts to `url` was refused just now, so that what hides it stands open."""
    return refused_at(context["request"], url) is not None


@register.simple_tag(takes_context=True)
def refilled(context: Context, form: forms.Form, url: str, at: str = "") -> forms.Form:
    """The form as it was posted to `url`, where it was refused; what is wrong with no one field is said at the field `at`, or above all."""
    found = refused_at(context["request"], url)
    if found is None or form.is_bound:
        return form
    found.shown.update(form.add_prefix(name) for name in form.fields)
    again = shallow_copy(form)
    again.data, again.is_bound, again._errors, again._bound_fields_cache = found.values, True, None, {}
    names = {again.add_prefix(name): name for name in again.fields}
    own = {(name, str(error)) for name, errors in again.errors.items() for error in errors}
    for key, told in found.wrong.items():
        for sentence in told:
            if (names.get(key, at), sentence) not in own:
                again.add_error(names.get(key, at) or None, sentence)
    return again


@register.inclusion_tag(f"{FOLDER}/copy.html")
def copy(text: str, label: str = "") -> dict[str, Any]:
    """A value with a button that copies it."""
    return {"text": text, "label": label}


@register.inclusion_tag(f"{FOLDER}/task.html")
def task_progress(label: str, done: int, total: int, poll_url: str = "", note: str = "") -> dict[str, Any]:
    """A long task under way. With `poll_url` the element asks for its successor every second."""
    return {"label": label, "done": done, "total": total, "poll_url": poll_url, "note": note}


@register.inclusion_tag(f"{FOLDER}/skeleton.html")
def skeleton(lines: int = 3) -> dict[str, Any]:
    """The place of something that is being fetched."""
    return {"lines": range(lines)}
