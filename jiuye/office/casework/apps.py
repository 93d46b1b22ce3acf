from django.apps import AppConfig

from jiuye.office.staff.row_rules import Open, Rows, owned


class CaseworkConfig(AppConfig):
    name = "jiuye.office.casework"
    label = "casework"
    verbose_name = "办件"
    erasing = "jiuye.office.casework.erasing"
    row_rules = {
        # While it is publicised everyone may read it (masked by the notice).
        "Case": Rows(owned(), publicised="state = 'publicised'"),
        "NoticeProof": Open("what everybody could read on the public page, masked as it was there"),
        "ProvisionalYear": Open("a year without a calendar; it names nobody"),
        "ObjectionFromAddress": Open(
            "a keyed digest of where an objection came from, for its day; it names nobody"
        ),
    }
    row_keys = {"case:": "casework_case"}

    def ready(self) -> None:
        """Listen to funds."""
        from jiuye.office.casework import listening  # noqa: F401 (being imported, it listens)
