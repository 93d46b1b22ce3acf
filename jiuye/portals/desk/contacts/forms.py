"""The form of a visit or call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.conduct.models import Contact
from jiuye.office.conduct.states import CONTACT_KINDS, REACHED
from jiuye.office.staff.refusals import LONG
from jiuye.portals.common.forms import DayField, WordsField
from jiuye.portals.common.templatetags.jiuye import day, label


class ContactForm(forms.Form):
    """How, when, whether anybody was reached, whom, what came of it, what comes next; and which earlier next step this one was."""

    kind = forms.ChoiceField(label=gettext_lazy("方式"))
    made_on = DayField(gettext_lazy("走访或通话日期"))
    reached = forms.ChoiceField(label=gettext_lazy("联系上没有"))
    whom = forms.CharField(
        label=gettext_lazy("见到或联系到谁"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("没有联系上的不用写。"),
    )
    came_of = WordsField(label=gettext_lazy("情况和结果"), most=LONG, rows=3)
    follows_id = forms.ChoiceField(label=gettext_lazy("这是做了哪次的下一步"), required=False)
    next_step = forms.CharField(label=gettext_lazy("下一步"), max_length=300, required=False)
    next_on = DayField(gettext_lazy("下一步日期"), required=False)

    def __init__(self, *args: Any, on: date, open_steps: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, label(words)) for kind, words in CONTACT_KINDS.items()]
        self.fields["reached"].choices = [
            ("", _("请选择")),
            *((key, label(words)) for key, words in REACHED.items()),
        ]
        self.fields["made_on"].initial = on
        self.fields["made_on"].widget.attrs["max"] = on.isoformat()
        steps = [(str(row.pk), f"{day(row.next_on)} · {row.next_step}") for row in open_steps]
        if steps:
            self.fields["follows_id"].choices = [("", _("不是")), *steps]
        else:
            del self.fields["follows_id"]
