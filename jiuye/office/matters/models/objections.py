"""Objections to the public notice of a matter."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models.objections import (
    ANSWERED_WHOLE,
    ANSWERED_WHOLE_SAYS,
    HAS_WORDS_SAYS,
    RESOLVED_WHOLE,
    RESOLVED_WHOLE_SAYS,
    ObjectionRaised,
    settled_by_another,
)
from jiuye.office.matters.models.matters import Matter
from jiuye.office.matters.states import HANDLING_ACTS


@pghistory.track()
class MatterObjection(ObjectionRaised):
    """Somebody objects while the matter is publicised: its clocks stand still and it is not granted until that is resolved."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="objections", verbose_name="事项办理"
    )

    class Meta:
        verbose_name = "事项公示异议"
        triggers = [
            settled_by_another(
                "matter_objection_settled_by_another", "matters_matterevent", "matter_id", HANDLING_ACTS
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="matter_objection_has_words",
                condition=~Q(text=""),
                violation_error_message=HAS_WORDS_SAYS,
            ),
            models.CheckConstraint(
                name="matter_objection_resolved_whole",
                condition=RESOLVED_WHOLE,
                violation_error_message=RESOLVED_WHOLE_SAYS,
            ),
            models.CheckConstraint(
                name="matter_objection_answered_whole",
                condition=ANSWERED_WHOLE,
                violation_error_message=ANSWERED_WHOLE_SAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.raised_on}"
