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
        order=1,
        density="roomy",
        entries=(Entry(_("首页"), "resident:home", "own.see", "home", exact=True),),
    )
