from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jiuye.portals.common.navigation import Entry, Portal


class WorkbenchConfig(AppConfig):
    name = "jiuye.portals.workbench"
    label = "portal_workbench"
    portal = Portal(
        name=_("政策工作台"),
        prefix="/policies/",
        permission="policies.see",
        order=4,
        density="dense",
        first_for=frozenset({"policy_officer", "policy_reviewer"}),
        entries=(
            Entry(pgettext_lazy("navigation", "政策"), "workbench:home", "policies.see", "list"),
            Entry(pgettext_lazy("navigation", "草案"), "workbench:drafts", "policies.see", "folder"),
            Entry(pgettext_lazy("navigation", "公布"), "workbench:published", "policies.see", "check"),
        ),
    )
