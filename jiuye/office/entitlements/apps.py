from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "jiuye.office.entitlements"
    label = "entitlements"
    verbose_name = "应享待遇"

    def ready(self) -> None:
        """Listen to the registry."""
        from jiuye.office.entitlements import listening  # noqa: F401 (being imported, it listens)
