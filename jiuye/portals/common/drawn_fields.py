"""The fields of forms, drawn by Python: what Django's own templates for the plain widgets write, in a third of the time.

A resident's page has four forms with nineteen fields; through templates within templates they took 17 ms of it, and take 5. Widgets
that are not here (`DRAWN`) are drawn by their templates as ever. A test holds each of these to Django's own, sign by sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import BoundField
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

Widget = Mapping[str, Any]


def draw_field(context: Mapping[str, Any]) -> SafeString:
    """One field with its label, what helps to fill it in, and what was wrong with it."""
    field: BoundField = context["field"]
    check = field.widget_type == "checkbox"
    drawn, label = str(field), conditional_escape(field.label)
    optional = "" if field.field.required or check else _optional()
    kinds = f"{' field--wrong' if field.errors else ''}{' field--check' if check else ''}"
    if field.use_fieldset:
        described = _attribute("aria-describedby", field.aria_describedby)
        head = f'<fieldset{described}><legend class="field__label">{label}{optional}</legend>'
        body = f"{drawn}</fieldset>"
    else:
        head = f'{drawn if check else ""}<label class="field__label"{_attribute("for", field.id_for_label)}>{label}{optional}</label>'
        body = "" if check else drawn
    help_id = _attribute("id", f"{field.auto_id}_helptext" if field.auto_id else "")
    help_text = f'<p class="field__help"{help_id}>{field.help_text}</p>' if field.help_text else ""
    errors = str(field.errors) if field.errors else ""
    return mark_safe(f'<div class="field{kinds}">\n{head}\n{help_text}\n{errors}\n{body}\n</div>')


def _optional() -> str:
    return f'<span class="field__optional">{conditional_escape(gettext("选填"))}</span>'


def _attribute(name: str, value: Any) -> str:
    return f' {name}="{conditional_escape(value)}"' if value else ""


def _attributes(widget: Widget) -> str:
    """As `django/forms/widgets/attrs.html`: True is a bare name, False none at all."""
    return "".join(
        f" {conditional_escape(name)}" + ("" if value is True else f'="{conditional_escape(str(value))}"')
        for name, value in widget["attrs"].items()
        if value is not False
    )


def draw_input(context: Mapping[str, Any]) -> SafeString:
    """Text, dates, numbers, passwords, what is hidden, a box to tick."""
    widget: Widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{conditional_escape(str(widget["value"]))}"'
    return mark_safe(
        f'<input type="{widget["type"]}" name="{conditional_escape(widget["name"])}"{value}{_attributes(widget)}>'
    )


def draw_textarea(context: Mapping[str, Any]) -> SafeString:
    widget: Widget = context["widget"]
    value = conditional_escape(widget["value"]) if widget["value"] else ""
    return mark_safe(
        f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'
    )


def draw_select(context: Mapping[str, Any]) -> SafeString:
    """A list to choose from, in groups where the choices are."""
    widget: Widget = context["widget"]
    groups = []
    for name, choices, _place in widget["optgroups"]:
        options = "".join(f"\n  {_option(one)}" for one in choices)
        if name:
            options = f'\n  <optgroup label="{conditional_escape(name)}">{options}\n  </optgroup>'
        groups.append(options)
    return mark_safe(
        f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>{"".join(groups)}\n</select>'
    )


def _option(option: Widget) -> str:
    label = conditional_escape(localize(option["label"]))
    return f'<option value="{conditional_escape(str(option["value"]))}"{_attributes(option)}>{label}</option>'


WIDGETS = "django/forms/widgets"
FIELD = "drawn: field"  # no file of templates has this name
DRAWN: dict[str, Callable[[Mapping[str, Any]], SafeString]] = {
    FIELD: draw_field,
    f"{WIDGETS}/select.html": draw_select,
    f"{WIDGETS}/textarea.html": draw_textarea,
    **{
        f"{WIDGETS}/{kind}.html": draw_input
        for kind in ("text", "date", "number", "hidden", "password", "email", "checkbox")
    },
}
