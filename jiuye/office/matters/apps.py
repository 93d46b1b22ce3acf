from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "jiuye.office.matters"
    label = "matters"
    verbose_name = "事项办理"
