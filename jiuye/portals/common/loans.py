"""An application for a loan as it is filled in, and answered point by point where it was sent back: by its borrower, or at the counter for them."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jiuye.engine.basis.money import fen_from_yuan, yuan_text
from jiuye.office.staff.refusals import LINE, Refusal
from jiuye.office.ventures import operations
from jiuye.office.ventures.corrections import WANTED
from jiuye.office.ventures.models import Loan
from jiuye.portals.common.actors import actor, now
from jiuye.portals.common.templatetags.jiuye import content


class AnswerForm(forms.Form):
    """A line for each point, and the amount where that was asked. What has to be answered is said by the operation."""

    def __init__(self, *args: object, loan: Loan, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for row in loan.corrections:
            asked = _("要补正：%(words)s") % {"words": row["words"]}
            if row["point"] == WANTED:
                self.fields["wanted"] = forms.CharField(
                    label=_("申请金额（元）"),
                    max_length=20,
                    initial=yuan_text(loan.wanted_fen).replace(",", ""),
                )
            label = _("%(point)s：您的答复") % {"point": content(row)}
            # A paper may be given again and an amount changed without words; a condition is answered in words.
            in_words = row["point"].startswith("clause:")
            self.fields[f"a-{row['point']}"] = forms.CharField(
                label=label, help_text=asked, max_length=LINE, required=in_words
            )

    def clean_wanted(self) -> int:
        """The amount in fen."""
        try:
            return fen_from_yuan(self.cleaned_data["wanted"])
        except ValueError as error:
            raise forms.ValidationError(_("请用元填写金额，最多两位小数，例如 617.28。")) from error


def answers_of(given: dict[str, Any]) -> dict[str, Any]:
    """What the form holds, as the operation takes it."""
    answers = {name.removeprefix("a-"): words for name, words in given.items() if name.startswith("a-")}
    return {"answers": answers, "wanted_fen": given.get("wanted")}


def keep_application(request: HttpRequest, about: str = "", draft_id: int | None = None) -> HttpResponse:
    """Keep what is filled in so far, for whoever fills it in; the page stays as it is."""
    try:
        operations.save_draft(
            actor=actor(request), about=about, draft_id=draft_id, answers=request.POST.dict(), at=now()
        )
    except Refusal as error:
        told = {"jiuye:toast": {"text": str(error), "kind": "bad"}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    return HttpResponse(status=204)
