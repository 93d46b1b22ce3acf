from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jiuye.portals.common.navigation import Entry, Portal

FINDING = pgettext_lazy("navigation", "政策找人")
RECORDS = pgettext_lazy("navigation", "登记")
MONEY = pgettext_lazy("navigation", "资金")


class DeskConfig(AppConfig):
    name = "jiuye.portals.desk"
    label = "portal_desk"
    portal = Portal(
        name=_("经办台"),
        prefix="/desk/",
        permission="desk.open",
        order=2,
        density="dense",
        inbox=Entry(_("消息"), "desk:inbox", "messages.read", "megaphone"),
        # One line at 1440 px in both languages: what is opened many times a day stands by itself, the rest under three words.
        entries=(
            Entry(_("今日待办"), "desk:home", "desk.open", "clock", exact=True),
            Entry(pgettext_lazy("navigation", "事项"), "desk:matters", "matters.see", "list"),
            Entry(pgettext_lazy("navigation", "办件"), "desk:cases", "casework.see", "folder"),
            Entry(pgettext_lazy("navigation", "居民"), "desk:people", "registry.see", "people"),
            Entry(_("应享未享"), "desk:gap", "entitlements.see", "gift", group=FINDING),
            Entry(_("代为确认"), "desk:found", "entitlements.see", "check", group=FINDING),
            Entry(_("批量告知"), "desk:campaigns", "campaigns.see", "megaphone", group=FINDING),
            Entry(
                pgettext_lazy("navigation", "登记事项"), "desk:things", "registry.see", "copy", group=RECORDS
            ),
            Entry(_("导入"), "desk:imports", "registry.import", "upload", group=RECORDS),
            Entry(pgettext_lazy("navigation", "审计"), "desk:audit", "audit.see", "eye", group=RECORDS),
            Entry(_("创业贷款"), "desk:loans", "ventures.see", "list", group=MONEY),
            Entry(_("付款"), "desk:payments", "funds.see", "money", group=MONEY),
            Entry(_("发放疑点"), "desk:doubts", "casework.see", "bang", group=MONEY),
            Entry(pgettext_lazy("navigation", "预算"), "desk:budgets", "budgeting.see", "chart", group=MONEY),
            Entry(_("岗位"), "staff", "staff.manage", "people", exact=True),
            Entry(_("账号"), "staff_accounts", "staff.manage", "person"),
            Entry(_("夜间工作"), "staff_nights", "staff.manage", "clock"),
        ),
    )
