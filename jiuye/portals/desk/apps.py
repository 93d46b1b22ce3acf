from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.navigation import Entry, Portal


class DeskConfig(AppConfig):
    name = "jiuye.portals.desk"
    label = "portal_desk"
    portal = Portal(
        name=_("经办台"),
        prefix="/desk/",
        permission="desk.open",
        order=2,
        density="dense",
        entries=(Entry(_("首页"), "desk:home", "desk.open", "home", exact=True),),
    )
