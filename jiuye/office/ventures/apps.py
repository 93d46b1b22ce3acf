from django.apps import AppConfig

from jiuye.office.staff.row_rules import ACCOUNT, Rows, in_places


class VenturesConfig(AppConfig):
    name = "jiuye.office.ventures"
    label = "ventures"
    verbose_name = "创业担保贷款"
    erasing = "jiuye.office.ventures.erasing"
    row_rules = {
        "LoanDraft": Rows(f"account_id = {ACCOUNT} OR (division_code <> '' AND {in_places('division_code')})")
    }
    row_keys = {
        "loan-interest:": "ventures_interestsubsidy",
        "loan-compensation:": "ventures_loan",
        "loan-topup:": "ventures_loantopup",
    }

    def ready(self) -> None:
        """Listen to casework."""
        from jiuye.office.ventures import listening  # noqa: F401 (being imported, it listens)
