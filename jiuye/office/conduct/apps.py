from django.apps import AppConfig

from jiuye.office.staff.row_rules import Rows, through


class ConductConfig(AppConfig):
    name = "jiuye.office.conduct"
    label = "conduct"
    verbose_name = "办事评价"
    # A mark is seen by whoever may see what was marked.
    row_rules = {
        "Rating": Rows(
            f"{through('matter_id', 'matters_matter')} OR {through('case_id', 'casework_case')}",
        )
    }
