from django.apps import AppConfig

from jiuye.office.staff.row_rules import Open


class NightsConfig(AppConfig):
    name = "jiuye.office.nights"
    label = "nights"
    verbose_name = "夜间工作"
    row_rules = {"Night": Open("which steps of a day's night were done: nobody is in it")}
