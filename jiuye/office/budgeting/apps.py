from django.apps import AppConfig


class BudgetingConfig(AppConfig):
    name = "jiuye.office.budgeting"
    label = "budgeting"
    verbose_name = "预算编制"
    rows_open = "versions of a budget: counts and amounts by policy and county, and who gives; nobody's data"
