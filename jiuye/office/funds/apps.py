from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "jiuye.office.funds"
    label = "funds"
    verbose_name = "资金"
    rows_open = (
        "budgets, reservations and transfers by key and amount; whom they pay stands in the payment lines"
    )
