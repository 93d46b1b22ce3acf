from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "jiuye.office.targets"
    label = "targets"
    verbose_name = "目标"
