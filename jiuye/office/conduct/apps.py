from django.apps import AppConfig

from jiuye.office.staff.row_rules import ACCOUNT, Open, Rows, in_auditing, in_places, through

# Seen by whoever may see what it is about.
_THING = Rows(
    f"{through('matter_id', 'matters_matter')} OR {through('case_id', 'casework_case')} "
    f"OR {through('loan_id', 'ventures_loan')}"
)

# What else goes up when it is late: an unanswered mark, a review of a refusal, a promised service, a grant that is due to be looked at again.
_BESIDE = (
    through("rating_id", "conduct_rating"),
    through("case_review_id", "casework_refusalreview"),
    through("matter_review_id", "matters_matterrefusalreview"),
    through("loan_review_id", "ventures_loanrefusalreview"),
    through("promised_id", "matters_promisedservice"),
    through("due_review_id", "matters_review"),
)


class ConductConfig(AppConfig):
    name = "jiuye.office.conduct"
    label = "conduct"
    verbose_name = "办事评价"
    erasing = "jiuye.office.conduct.erasing"
    row_rules = {
        "Rating": _THING,
        "Charge": _THING,
        "Escalation": Rows(" OR ".join([_THING.condition, *_BESIDE])),
        # What officers noted of a visit is the place's, not the applicant's page's.
        "Contact": Rows(in_places("division_code")),
        "Absence": Open(
            "who stands in for whom among officers: read to find out whose work is whose; no resident is in it, and no reason"
        ),
        "AbsenceReason": Rows(
            f"{in_auditing('division_code')} OR EXISTS (SELECT 1 FROM conduct_absence away "
            f"WHERE away.id = absence_id AND {ACCOUNT} IN (away.account_id, away.declared_by_id))"
        ),
    }
