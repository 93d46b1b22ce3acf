from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "jiuye.portals.common"
    label = "portal_common"
