"""The accounts that a demonstration offers on its log-in page: only those that the synthetic city opens, never others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from jiuye.city.accounts import EMPLOYERS, FOUNDER, OFFICERS, RESIDENTS
from jiuye.office.staff.queries import accounts_named
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.templatetags.jiuye import label

# What each story shows, in a few words; told in full where jiuye.city builds it.
SITUATIONS: dict[str, Any] = {
    "zhangxiulan": _("就业困难人员，灵活就业，自己缴社保"),
    "sunyufang": _("情况相近，只差一条"),
    "zhaozhiqiang": _("缴费十一年，两个月前失业"),
    "xuhaoran": _("六月毕业，还没找到工作"),
    "liyuxin": _("毕业一年，正在就业见习"),
    "wangjianguo": _("刚取得三级技能证书"),
    "huangjiaming": _("出生日期不详，有些事说不准"),
    "maguoqiang": _("退役军人，创业带动就业"),
    "founder": _("开店雇了人，正在还创业贷款"),
    "hengda": _("去年没有裁员；有女职工生育"),
    "xinda": _("培养三名新型学徒"),
    "hongyuan": _("就业见习基地"),
    "lianchuang": _("小微企业，招用了毕业生"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """One account on the log-in page: whom one becomes, and what it shows."""

    username: str
    title: str
    note: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one kind."""

    title: Any
    accounts: list[Offered]


def offered_accounts() -> list[Group]:
    """The demonstration's accounts that exist here, residents first; nothing on a production installation."""
    if not settings.DEMO:
        return []
    known = accounts_named([*RESIDENTS, FOUNDER, *EMPLOYERS, *(officer.username for officer in OFFICERS)])

    def stories(usernames: Iterable[str]) -> list[Offered]:
        return [
            Offered(name, known[name].display_name, SITUATIONS.get(name, ""))
            for name in usernames
            if name in known
        ]

    officers = [
        Offered(officer.username, label(ROLES[officer.role]), known[officer.username].display_name)
        for officer in OFFICERS
        if officer.username in known
    ]
    groups = [
        Group(_("居民"), stories((*RESIDENTS, FOUNDER))),
        Group(_("用人单位"), stories(EMPLOYERS)),
        Group(_("工作人员"), officers),
    ]
    return [group for group in groups if group.accounts]
