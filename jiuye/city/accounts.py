"""Demonstration accounts: one for each role, and the people and firms of the stories. The password says that it is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from jiuye.city.records import City
from jiuye.engine.places import Places
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post

DEMO_PASSWORD = "demo"
POST_START = date(2023, 1, 1)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account as the start page lists it: whom it shows, in one line."""

    username: str
    display_name: str
    role: str
    level: str = ""  # city, county (the first one), or street (its first one): where an officer's post is
    department: str = ""


OFFICERS = (
    DemoAccount("caseworker", "周敏", "caseworker", "county"),
    DemoAccount("station", "陆小梅", "caseworker", "street"),
    DemoAccount("reviewer", "吴海涛", "reviewer", "county"),
    DemoAccount("approver", "沈国平", "approver", "city"),
    # What takes two signatures, and what who granted it may not give up, another approver signs.
    DemoAccount("approver2", "骆文静", "approver", "city"),
    # Who confirmed a claim for money back does not give it up: that takes a third.
    DemoAccount("approver3", "纪明远", "approver", "city"),
    DemoAccount("cashier", "殷莉", "cashier", "city"),
    # A payment batch is approved by another person than its maker.
    DemoAccount("cashier2", "顾明", "cashier", "city"),
    DemoAccount("leader", "丁晓东", "leader", "county"),
    DemoAccount("department", "方卫", "department", "city", "hrss"),
    DemoAccount("statistician", "何晓岚", "statistician", "city"),
    DemoAccount("city_office", "蒋文斌", "city_office", "city"),
    # The budget that the city office draws up, the finance bureau decides.
    DemoAccount("budget_officer", "卞立", "budget_officer", "city", "finance"),
    DemoAccount("policy_officer", "江雪", "policy_officer", "city"),
    # What the policy officer writes, another person reviews and publishes.
    DemoAccount("policy_reviewer", "梅正清", "policy_reviewer", "city"),
    DemoAccount("auditor", "郑严", "auditor", "city"),
    DemoAccount("administrator", "管理员", "administrator", "city"),
    # A post that approves, pays, audits or administers is confirmed by a second administrator.
    DemoAccount("administrator2", "管理员乙", "administrator", "city"),
)
RESIDENTS = (
    "zhangxiulan",
    "sunyufang",
    "zhaozhiqiang",
    "xuhaoran",
    "liyuxin",
    "wangjianguo",
    "huangjiaming",
    "maguoqiang",
)
EMPLOYERS = ("hengda", "xinda", "hongyuan", "lianchuang")
# Of no fixed story: the account of whoever was lent to first (`loan_life.py`).
FOUNDER = "founder"


def open_accounts(city: City, places: Places) -> int:
    """Open the accounts; returns how many. An account name that is taken is left as it is."""
    county = places.counties[0]
    codes = {"city": places.city.code, "county": county.code, "street": places.streets_of(county)[0].code}
    # One hash for all: hashing is slow on purpose, and this password protects nothing.
    password = make_password(DEMO_PASSWORD)
    taken = set(Account.objects.order_by("username").values_list("username", flat=True))
    opened = 0
    for officer in OFFICERS:
        if officer.username in taken:
            continue
        account = Account.objects.create(
            username=officer.username,
            display_name=officer.display_name,
            kind=Account.Kind.OFFICER,
            password=password,
        )
        place_in_post(
            account=account,
            role=officer.role,
            division_code=codes[officer.level],
            start=POST_START,
            until=None,
            department=officer.department,
        )
        opened += 1
    subjects = [(key, city.people[key].name, Account.Kind.RESIDENT, city.people[key].pk) for key in RESIDENTS]
    subjects += [
        (key, city.employers[key].name, Account.Kind.EMPLOYER, city.employers[key].pk) for key in EMPLOYERS
    ]
    for username, name, kind, pk in subjects:
        if username not in taken:
            Account.objects.create(
                username=username,
                display_name=name,
                kind=kind,
                subject_key=str(pk),
                password=password,
            )
            opened += 1
    return opened


def open_founders_account(person_id: int, name: str) -> None:
    """The account of a founder whose loan is being paid back. A name that is taken is left as it is."""
    known = Account.objects.filter(username=RESIDENTS[0]).order_by("pk").values_list("password", flat=True)
    if not Account.objects.filter(username=FOUNDER).exists():
        Account.objects.create(
            username=FOUNDER,
            display_name=name,
            kind=Account.Kind.RESIDENT,
            subject_key=str(person_id),
            password=known.first() or make_password(DEMO_PASSWORD),
        )
