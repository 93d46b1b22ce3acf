from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "jiuye.office.staff"
    label = "staff"
    verbose_name = "人员与权限"
