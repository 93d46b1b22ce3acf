from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "jiuye.office.entitlements"
    label = "entitlements"
    verbose_name = "应享待遇"
