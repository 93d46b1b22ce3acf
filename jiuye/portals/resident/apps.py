from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.navigation import Entry, Portal


class ResidentConfig(AppConfig):
    name = "jiuye.portals.resident"
    label = "portal_resident"
    portal = Portal(
        name=_("我的就业"),
        prefix="/my/",
        permission="own.see",
        entries=(
            Entry(_("我能享受的"), "resident:home", "own.see", icon="home", exact=True),
            Entry(_("办事"), "resident:services", "own.see", icon="list"),
            Entry(_("创业贷款"), "resident:loans", "own.see", icon="money"),
            Entry(_("我的办件"), "resident:cases", "own.see", icon="folder"),
            Entry(_("消息"), "resident:inbox", "own.see", icon="megaphone"),
            Entry(_("谁看过我"), "looks", "own.see", icon="eye"),
        ),
        order=0,
    )
