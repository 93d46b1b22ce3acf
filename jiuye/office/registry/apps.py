from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "jiuye.office.registry"
    label = "registry"
    verbose_name = "居民与单位"
