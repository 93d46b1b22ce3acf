"""Every form of a page, filled in with what cannot be taken and posted: does it come back as it was typed, with the reason beside it?

Reads pages with a parser of its own, not with the one that fills them in again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

TOO_MUCH = 2100  # more than the longest words that are taken anywhere
TYPED = {"date": "昨天", "number": "许多"}
SECRET = ("password", "file")


@dataclass
class Field:
    """One field of a form, with what stands in it and what may be chosen."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    on: bool = False


@dataclass
class Page(HTMLParser):
    """The posting forms of a page: (address, fields, whether something is said to be wrong)."""

    forms: list[tuple[str, list[Field], list[bool]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.inside: list[Field] | None = None
        self.held: Field | None = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form" and given.get("method") == "post":
            self.inside = []
            self.forms.append((given.get("action") or "", self.inside, []))
        if self.inside is None:
            return
        if tag == "ul" and given.get("class") == "errorlist":
            self.forms[-1][2].append(True)
        elif tag == "option" and self.held is not None:
            worth = given.get("value", "")
            self.held.options.append(worth)
            if "selected" in given:
                self.held.value = worth
        elif tag in ("input", "textarea", "select") and given.get("name") and "disabled" not in given:
            kind = given.get("type", "text") if tag == "input" else tag
            value = given.get("value") or ("on" if kind in ("radio", "checkbox") else "")
            found = Field(given["name"], kind, value, on="checked" in given)
            self.inside.append(found)
            self.held = found if tag != "input" else None

    def handle_data(self, data):
        if self.held is not None and self.held.kind == "textarea":
            self.held.value += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.held is not None:
            self.held.value = self.held.value.removeprefix("\n")  # as a browser does
        if tag == "form":
            self.inside = None
        if self.held is not None and tag == self.held.kind:
            self.held = None


def forms_of(text: str) -> list[tuple[str, list[Field], list[bool]]]:
    page = Page()
    page.feed(text)
    return page.forms


def filled_in(fields: list[Field]) -> dict[str, list[str]]:
    """What nobody can take: words that are too many, days and numbers that are none. What can only be chosen is left unchosen."""
    given: dict[str, list[str]] = {}
    written = any(one.kind not in ("hidden", "select", "radio", "checkbox", "file") for one in fields)
    for one in fields:
        chosen = one.options[-1] if one.options and written else one.options[0] if one.options else ""
        if one.kind in ("radio", "checkbox"):
            if one.kind == "checkbox":
                given.setdefault(one.name, []).append(one.value)
            else:
                given[one.name] = [one.value]
        elif one.kind == "hidden":
            if one.name != "csrfmiddlewaretoken":
                given.setdefault(one.name, []).append(one.value)
        elif one.kind == "select":
            given.setdefault(one.name, []).append(chosen)
        elif one.kind != "file":
            given.setdefault(one.name, []).append(TYPED.get(one.kind, one.name + "字" * TOO_MUCH))
    return given


def has_words(fields: list[Field]) -> bool:
    """Whether somebody writes something, or chooses it from a list."""
    return any(one.kind not in ("hidden", "radio", "checkbox", *SECRET) for one in fields)


def name_of(address: str) -> str:
    """The name of the address with the act that it takes, as tests/house/who_may.txt and the acts' tables have them."""
    found = resolve(address)
    return " ".join([found.view_name, *(str(found.kwargs[key]) for key in ("act",) if key in found.kwargs)])


def posted(client: Client, url: str, *, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Post every form with words of that page that was not seen before: its name, and what was lost ("" where nothing was)."""
    answer = client.get(url)
    if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
        return
    for action, fields, _ in forms_of(answer.text):
        address = urlsplit(urljoin(url, action)).path
        try:
            name = name_of(address)
        except Resolver404:
            continue
        if name in seen or not has_words(fields) or not name.startswith(("desk:", "workbench:")):
            continue
        seen.add(name)
        given = filled_in(fields)
        back = client.post(address, given, headers={"Referer": f"http://testserver{url}"})
        yield name, _lost(back, address, fields, given, url)


def _lost(back, address: str, fields: list[Field], given: dict[str, list[str]], url: str) -> str:
    if back.status_code != 422:
        return f"{back.status_code} {back.headers.get('Location', '')}"
    hidden = {
        one.name: one.value for one in fields if one.kind == "hidden" and one.name != "csrfmiddlewaretoken"
    }
    for action, there, wrong in forms_of(back.text):
        if urlsplit(action).path not in (address, "" if urlsplit(url).path == address else address):
            continue
        carried = {
            one.name: one.value for one in there if one.kind == "hidden" and one.name != "csrfmiddlewaretoken"
        }
        if carried != hidden:
            continue
        kept = {one.name: [] for one in there if one.kind not in SECRET and one.name != "csrfmiddlewaretoken"}
        for one in there:
            if one.name in kept and (one.kind not in ("radio", "checkbox") or one.on):
                kept[one.name].append(one.value)
        lost = {name for name, values in given.items() if kept.get(name) != values}
        return f"lost: {sorted(lost)}" if lost else "" if wrong else "nothing said at the form"
    return "the form is not on the page"


def takes_forms(view: Any) -> bool:
    """Whether the view says, by a decorator of Django's, that it takes POST."""
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            if isinstance(cell.cell_contents, list | tuple) and "POST" in cell.cell_contents:
                return True
        view = getattr(view, "__wrapped__", None)
    return False


def losses(pages: Iterable[tuple[Client, str]]) -> dict[str, str]:
    """By the name of each form with words of those pages: what was lost of it when it was refused, "" where nothing was."""
    seen: set[str] = set()
    return {name: lost for client, url in pages for name, lost in posted(client, url, seen=seen)}


# Forms that are walked where the things are that they are about; `walked` holds each of those tests to what stands here.
WALKED_ELSEWHERE = {
    "tests/portals/desk/test_authorities.py": {"authority_end", "authority_record"},
    "tests/portals/desk/test_registering.py": {"employer_new", "person_new"},
    "tests/portals/desk/test_own_accounts.py": {"employer_account", "person_account"},
    "tests/portals/desk/test_claiming_back.py": {"recovery_decide"},
    "tests/portals/desk/test_giving_up.py": {"batch_give_up"},
    "tests/office/conduct/test_closing_services.py": {"close_service", "give_service", "reopen_service"},
    "tests/office/conduct/test_typed.py": {"answer_rating", "contact_look", "contact_matter", "hand_on_matter", "matter_act", "put_back_matter"},
    "tests/office/casework/test_overturning.py": {"case_review"},
    "tests/office/matters/test_objectors.py": {"matter_objection", "objection_answered", "objection_contact", "resolve_matter_objection"},
    "tests/office/matters/test_exits.py": {"matter_act"},
    "tests/office/matters/test_reviews.py": {"confirm_review"},
    "tests/office/matters/test_refusals.py": {"matter_ask_review", "matter_refusal_review"},
    "tests/office/ventures/test_loans.py": {"loan_act"},
    "tests/office/ventures/test_conduct_of_loans.py": {"contact_loan"},
    "tests/office/ventures/test_loans_in_hand_pages.py": {"hand_on_loan", "put_back_loan"},
    "tests/office/ventures/test_refusals.py": {"loan_ask_review", "loan_review"},
    "tests/office/ventures/test_papers.py": {"loan_original"},
    "tests/office/ventures/test_sent_back.py": {"loan_act"},
    "tests/office/ventures/test_corrections.py": {"loan_interest"},
    "tests/office/ventures/test_waiting_for_payment.py": {"payments_make_loans"},
    "tests/office/ventures/test_taking_over_pages.py": {"loan_take_over", "loan_takeover_act"},
    "tests/portals/desk/test_budget.py": {"budget_act", "budget_assume", "budget_fund", "budget_line"},
    "tests/portals/desk/test_cases.py": {"case_objection", "objection"},
}  # fmt: skip


def walked(test_file: str, found: dict[str, str]) -> None:
    """Nothing was lost, and every form was met that the table says is walked in that file."""
    assert {name: lost for name, lost in found.items() if lost} == {}
    (names,) = (names for file, names in WALKED_ELSEWHERE.items() if test_file.endswith(file))
    assert names <= {plain(name) for name in found}


def plain(name: str) -> str:
    """`desk:matter_act refuse` as `matter_act`."""
    return name.split(":")[1].split()[0]
