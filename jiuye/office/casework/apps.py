from django.apps import AppConfig

from jiuye.office.staff.row_rules import WHOLE_CITY, Open, Rows, owned, through

# Funds lie below and know cases by a text key only. A post over the whole city sees what is paid for anything.
_BY_CLAIM = (
    f"{WHOLE_CITY} OR CASE WHEN claim_key ~ '^case:[0-9]+$' THEN {through('substring(claim_key from 6)::bigint', 'casework_case')} "
    f"ELSE false END"
)


class CaseworkConfig(AppConfig):
    name = "jiuye.office.casework"
    label = "casework"
    verbose_name = "办件"
    row_rules = {
        # While it is publicised everyone may read it (masked by the notice).
        "Case": Rows(owned(), publicised="state = 'publicised'"),
        "NoticeProof": Open("what everybody could read on the public page, masked as it was there"),
        "ObjectionFromAddress": Open(
            "a keyed digest of where an objection came from, for its day; it names nobody"
        ),
        "funds.PaymentLine": Rows(_BY_CLAIM),
        "funds.Recovery": Rows(_BY_CLAIM),  # it names who owes
    }
