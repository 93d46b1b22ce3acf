from django.apps import AppConfig

from jiuye.office.staff.row_rules import Open, Rows, in_places, through

# Seen by whoever may see what it is about.
_THING = Rows(f"{through('matter_id', 'matters_matter')} OR {through('case_id', 'casework_case')}")


class ConductConfig(AppConfig):
    name = "jiuye.office.conduct"
    label = "conduct"
    verbose_name = "办事评价"
    row_rules = {
        "Rating": _THING,
        "Charge": _THING,
        "Escalation": Rows(f"{_THING.condition} OR {through('rating_id', 'conduct_rating')}"),
        # What officers noted of a visit is the place's, not the applicant's page's.
        "Contact": Rows(in_places("division_code")),
        "Absence": Open(
            "who stands in for whom among officers: read to find out whose work is whose; no resident is in it"
        ),
    }
