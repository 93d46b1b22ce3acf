from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.navigation import Entry, Portal


class BoardConfig(AppConfig):
    name = "jiuye.portals.board"
    label = "portal_board"
    portal = Portal(
        name=_("看板"),
        prefix="/board/",
        permission="board.see",
        order=3,
        density="roomy",
        entries=(
            Entry(_("方案看板"), "board:home", "board.see", "chart"),
            Entry(_("应享未享"), "board:gap", "board.see", "gift"),
            Entry(_("部门填报"), "board:reporting", "targets.report", "upload"),
        ),
    )
