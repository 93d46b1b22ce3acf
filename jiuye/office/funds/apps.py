from django.apps import AppConfig

from jiuye.office.staff.row_rules import WHOLE_CITY, ByKey, Rows, in_places, through


class FundsConfig(AppConfig):
    name = "jiuye.office.funds"
    label = "funds"
    verbose_name = "资金"
    rows_open = "budgets and transfers by key and amount; whom they pay stands in the payment lines"
    row_rules = {
        "PaymentLine": ByKey("claim_key"),
        # Keys and amounts, and with them which case was paid how much. Sums over all counties are made beyond the scope (`unscoped`).
        "Reservation": ByKey("claim_key"),
        "Recovery": ByKey("claim_key"),  # it names who owes
        # Whoever may see a line of it sees that it is in this batch; what may be done with it is asked of its place (`scoping`).
        "PaymentBatch": Rows(
            f"{WHOLE_CITY} OR {in_places('division_code')} OR {through('funds_paymentbatch.id', 'funds_paymentline', 'batch_id')}"
        ),
    }
