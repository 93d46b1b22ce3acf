"""What each person is offered on the pages they find by following links, and what a post of somebody else changes in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from tests.papers import png
from tests.portals.refused_forms import Field, forms_of, name_of

MOST_OF_A_NAME = 2  # pages of one address that are opened: the desk lists many cases
WORDS = "按登记簿核对过，理由充分，已当面说明。"
# What is written into a field that does not take words, by its name.
MEANT = {
    "amount": "100",
    "wanted": "100000",
    "employer_id": "",
    "until": "2025-09-30",
    "username": "fang.wen",
    "department": "",
    "bank_account": "6222021234567890123",
    "purpose": "核对办理情况",
    "day": "2025-06-30",
}
NOTED = {"django_session"}  # a message is kept there
# Ends the session, answers with a file, or is open to everyone, where nobody is to be kept from anything.
NOT_FOLLOWED = ("logout", "sign_off", "download", "workbook", "paper", "file", "letter", "patch")
NOT_FOLLOWED += ("calculator:", "gallery:", "notice")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


@dataclass(frozen=True, slots=True)
class Offer:
    """One form as a page offers it: where it is posted, on which page it stands, and its fields."""

    name: str
    address: str
    page: str
    fields: tuple[tuple[str, str], ...]


def offers(client: Client, *, start: str) -> Iterator[Offer]:
    """Every posting form of the pages that this client reaches from `start` by following links, a few pages of each name."""
    seen, names, waiting = {start}, Counter[str](), [start]
    while waiting:
        url = waiting.pop(0)
        text = _opened(client, url)
        yield from offers_of(text, url)
        for link in _links(text, url):
            name = resolve(link.partition("?")[0]).view_name
            if link in seen or names[name] >= MOST_OF_A_NAME or any(one in name for one in NOT_FOLLOWED):
                continue
            names[name] += 1
            seen.add(link)
            waiting.append(link)


def _opened(client: Client, url: str) -> str:
    """The text of the page, wherever it leads; none where it answers with no page."""
    answer = client.get(url, follow=True)
    is_page = answer.status_code == 200 and "html" in answer.headers.get("Content-Type", "")
    return answer.text if is_page else ""


def offers_of(text: str, url: str) -> Iterator[Offer]:
    """The posting forms of one page."""
    for action, fields, _ in forms_of(text):
        address = urlsplit(urljoin(url, action)).path
        try:
            yield Offer(name_of(address), address, url, tuple(filled(fields)))
        except Resolver404:
            continue


def is_offered(client: Client, offer: Offer) -> bool:
    """Whether this client finds the same form on the same page."""
    return any(one.address == offer.address for one in offers_of(_opened(client, offer.page), offer.page))


def _links(text: str, url: str) -> list[str]:
    page = _Links()
    page.feed(text)
    found = []
    for href in page.found:
        parts = urlsplit(urljoin(f"http://testserver{url}", href))
        if parts.netloc != "testserver":
            continue
        try:
            resolve(parts.path)
        except Resolver404:
            continue
        found.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def filled(fields: list[Field]) -> Iterator[tuple[str, str]]:
    """What somebody who means it would put into a form: what is chosen or stands there already, else words, a day, a one."""
    ticked = set()
    for one in fields:
        if one.name == "csrfmiddlewaretoken":
            continue
        if one.kind == "file":
            yield one.name, "FILE"
        elif one.kind == "radio":
            if one.name not in ticked:
                ticked.add(one.name)
                yield one.name, one.value
        elif one.kind == "select":
            chosen = one.value or next((each for each in one.options if each), "")
            yield one.name, chosen or MEANT.get(one.name, "")
        elif one.kind in ("hidden", "checkbox"):
            yield one.name, one.value
        else:
            usual = {"date": "2025-09-15", "number": "1"}.get(one.kind, WORDS)
            yield one.name, one.value or MEANT.get(one.name, usual)


def changed_by(client: Client, offer: Offer) -> tuple[int, frozenset[str]]:
    """The answer's status and the tables whose rows the post changed; everything is taken back."""
    given: dict[str, Any] = {}
    for name, value in offer.fields:
        if value == "FILE":
            given[name] = SimpleUploadedFile("证明.png", png(), "image/png")
        else:
            given.setdefault(name, []).append(value)
    sheet = transaction.savepoint()
    before = _touched()
    answer = client.post(offer.address, given, headers={"Referer": f"http://testserver{offer.page}"})
    touched = {name for name, number in _touched().items() if number != before.get(name)}
    transaction.savepoint_rollback(sheet)
    return answer.status_code, frozenset(touched - NOTED)


def _touched() -> dict[str, int]:
    """By the name of a table: how many rows this transaction has written, changed and deleted so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables "
            "WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())
