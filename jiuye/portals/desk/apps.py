from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "jiuye.portals.desk"
    label = "portal_desk"
