from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "jiuye.portals.api"
    label = "portal_api"
