"""A drawn page whose form was refused, with the form as it was posted: every field, what is wrong, and whatever hides it open.

Done to the page after it was drawn, so that no template and no form has to remember it. A template may say what is wrong at a place of
its own (`{% wrong %}`, `{% refilled %}`); where it does not, it stands at the head of the form. Nothing is put into a password field
or one for a one-time code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from django.http import QueryDict
from django.utils.html import escape

from jiuye.portals.common.typed import TOKEN, Refused

TAG = re.compile(
    r"<(?P<end>/?)(?P<name>form|input|textarea|select|option|button|details|dialog)\b"
    r"(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
)
ATTRIBUTE = re.compile(r"([^\s=\"'/]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")
FOLDS = {"details": "open", "dialog": "data-open"}  # what hides a form, and what shows it
TICKED = ("checkbox", "radio")
NOT_TYPED = ("hidden", "password", "file", "submit", "button", "image", "reset")


@dataclass(slots=True)
class Tag:
    """One start tag of the page, and where what it holds ends."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int
    closes: int = 0
    options: list[Tag] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.attributes.get("type", "text") if self.name == "input" else self.name

    @property
    def takes_typed(self) -> bool:
        """Whether somebody fills it in, and it may be shown again."""
        shown_again = not self.attributes.get("autocomplete", "").endswith(("-code", "-password"))
        return self.kind not in NOT_TYPED and self.name != "button" and shown_again


@dataclass(slots=True)
class Form:
    """A form that posts, with its fields wherever they stand, and what it lies folded in."""

    tag: Tag
    folds: list[Tag]
    fields: list[Tag] = field(default_factory=list)

    def posts_to(self, url: str, page: str) -> bool:
        addresses = [self.tag.attributes.get("action") or page]
        addresses += [one.attributes["formaction"] for one in self.fields if "formaction" in one.attributes]
        return any(urlsplit(address).path == url for address in addresses)

    def sent(self, values: QueryDict) -> bool:
        """Whether those values are this form's: of several to one address, each is told by what it carries and lets choose from."""
        offered: dict[str, set[str]] = {}
        for one in self.fields:
            if one.kind == "hidden" or one.kind in TICKED:
                offered.setdefault(one.attributes.get("name", ""), set()).add(
                    one.attributes.get("value", "on")
                )
        offered.pop(TOKEN, None)
        names = {one.attributes.get("name", "") for one in self.fields}
        chosen = all(set(values.getlist(name)) <= all_of for name, all_of in offered.items())
        return chosen and {name for name in values if name != TOKEN} <= names


def refilled_page(text: str, found: Refused, *, page: str) -> str | None:
    """The page with the refused form as it was typed, or None where it has no such form. The fields that stand there again are noted as shown.

    `page` is the page's own address, to which a form without an action posts.
    """
    forms = [form for form in _forms(text) if form.posts_to(found.url, page)]
    chosen = next((form for form in forms if form.sent(found.values)), None)
    if chosen is None and len(forms) == 1:
        (chosen,) = forms  # what it carries has changed meanwhile; its fields are the same
    if chosen is None:
        return None
    changes = [*_opened(chosen), *_filled(chosen, found), *_said(text, chosen, found)]
    for start, end, words in sorted(changes, reverse=True):
        text = text[:start] + words + text[end:]
    return text


Change = tuple[int, int, str]


def _opened(form: Form) -> Iterator[Change]:
    for fold in form.folds:
        if FOLDS[fold.name] not in fold.attributes:
            yield fold.end - 1, fold.end - 1, f" {FOLDS[fold.name]}"


def _said(text: str, form: Form, found: Refused) -> Iterator[Change]:
    """What the form does not say yet: at the field that it is about, or else at its head."""
    there = text[form.tag.end : form.tag.closes]
    starts = {
        one.attributes.get("name"): one.start
        for one in form.fields
        if one.takes_typed and one.kind not in TICKED
    }
    places: dict[int, list[str]] = {}
    for name, told in found.wrong.items():
        missing = [said for sentence in told if (said := escape(sentence)) not in there]
        places.setdefault(starts.get(name, form.tag.end), []).extend(missing)
    for start, missing in places.items():
        if missing:
            items = "".join(f"<li>{said}</li>" for said in dict.fromkeys(missing))
            yield start, start, f'<ul class="errorlist" role="alert">{items}</ul>'


def _filled(form: Form, found: Refused) -> Iterator[Change]:
    place: Counter[str] = Counter()  # of fields with one name, each has the value at its own place
    for one in form.fields:
        name = one.attributes.get("name", "")
        if not one.takes_typed or name in ("", TOKEN):
            continue
        values = found.values.getlist(name)
        if one.kind in TICKED:
            chosen = one.attributes.get("value", "on") in values
            yield from _switched(one, "checked", on=chosen)
            found.shown.update([name] if chosen else [])
            continue
        if place[name] >= len(values):
            continue
        value = values[place[name]]
        if one.name == "select" and "multiple" in one.attributes:
            yield from (
                change for option in one.options for change in _chosen(option, on=_worth(option) in values)
            )
        elif one.name == "select":
            offered = next((option for option in one.options if _worth(option) == value), None)
            if offered is None:
                continue  # no longer to be chosen: what was is among the words that no form shows
            yield from (change for option in one.options for change in _chosen(option, on=option is offered))
        elif one.name == "textarea":
            # A browser leaves out the first end of line.
            yield one.end, one.closes, ("\n" if value.startswith(("\r", "\n")) else "") + escape(value)
        else:
            yield _valued(one, value)
        place[name] += 1
        found.shown.add(name)


def _worth(option: Tag) -> str:
    return option.attributes["value"]


def _chosen(option: Tag, *, on: bool) -> Iterator[Change]:
    return _switched(option, "selected", on=on)


def _switched(tag: Tag, name: str, *, on: bool) -> Iterator[Change]:
    if on != (name in tag.attributes):
        kept = {key: value for key, value in tag.attributes.items() if key != name}
        yield tag.start, tag.end, _written(tag, kept | ({name: ""} if on else {}))


def _valued(tag: Tag, value: str) -> Change:
    return tag.start, tag.end, _written(tag, tag.attributes | {"value": value})


def _written(tag: Tag, attributes: dict[str, str]) -> str:
    parts = [
        f'{name}="{escape(value)}"' if value or name == "value" else name
        for name, value in attributes.items()
    ]
    return f"<{' '.join([tag.name, *parts])}>"


def _forms(text: str) -> list[Form]:
    """The posting forms of a page of ours, which is well formed."""
    forms: list[Form] = []
    elsewhere: list[Tag] = []  # fields that name their form, and stand outside of it
    folds: list[Tag] = []
    inside: Form | None = None
    held: Tag | None = None  # the select or textarea that is open
    for match in TAG.finditer(text):
        name = match["name"]
        if match["end"]:
            if name in FOLDS and folds:
                folds.pop()
            elif name == "form" and inside is not None:
                inside.tag.closes, inside = match.start(), None
            elif held is not None and name == held.name:
                held.closes, held = match.start(), None
            continue
        tag = Tag(name, _attributes(match["rest"]), match.start(), match.end())
        if name in FOLDS:
            folds.append(tag)
        elif name == "form":
            inside = Form(tag, list(folds))
            if tag.attributes.get("method") == "post":
                forms.append(inside)
        elif name == "option":
            tag.attributes.setdefault("value", unescape(text[tag.end :].split("<", 1)[0]).strip())
            if held is not None:
                held.options.append(tag)
        else:
            held = tag if name in ("select", "textarea") else held
            if "form" in tag.attributes:
                elsewhere.append(tag)
            elif inside is not None:
                inside.fields.append(tag)
    for form in forms:
        own = form.tag.attributes.get("id")
        form.fields += [tag for tag in elsewhere if own and tag.attributes["form"] == own]
    return forms


def _attributes(rest: str) -> dict[str, str]:
    return {
        name: unescape(double or single or bare) for name, double, single, bare in ATTRIBUTE.findall(rest)
    }
