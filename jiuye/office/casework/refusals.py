"""What every refusal of casework has in common, so that whoever called can show its sentence."""

from __future__ import annotations

from django.utils.translation import gettext

from jiuye.office.staff.refusals import Refusal

__all__ = ["Refusal", "WordsMissingError"]


class WordsMissingError(Refusal):
    """An objection, a request and their answers are words."""

    def __init__(self, what: str, field: str = "") -> None:
        super().__init__(gettext("请写明%(what)s。") % {"what": gettext(what)})
        self.field = field  # of the form, where it is not the only one
