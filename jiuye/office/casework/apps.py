from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "jiuye.office.casework"
    label = "casework"
    verbose_name = "办件"
