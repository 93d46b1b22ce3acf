from django.apps import AppConfig


class ResidentConfig(AppConfig):
    name = "jiuye.portals.resident"
    label = "portal_resident"
