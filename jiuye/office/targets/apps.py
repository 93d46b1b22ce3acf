from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "jiuye.office.targets"
    label = "targets"
    verbose_name = "目标"
    rows_open = "figures that departments report for a county; nobody's record is in them"
