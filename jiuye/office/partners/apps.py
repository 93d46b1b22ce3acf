from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "jiuye.office.partners"
    label = "partners"
    verbose_name = "系统对接"
