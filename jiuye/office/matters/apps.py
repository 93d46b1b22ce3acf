from django.apps import AppConfig

from jiuye.office.staff.row_rules import Rows, owned


class MattersConfig(AppConfig):
    name = "jiuye.office.matters"
    label = "matters"
    verbose_name = "事项办理"
    erasing = "jiuye.office.matters.erasing"
    row_rules = {"Matter": Rows(owned(), publicised="state = 'publicised'")}
