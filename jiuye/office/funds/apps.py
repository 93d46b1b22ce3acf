from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "jiuye.office.funds"
    label = "funds"
    verbose_name = "资金"
