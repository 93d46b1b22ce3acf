"""The forms by which a counter registers a resident or an employer. The registry's operations judge what is written; the forms only read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuye.engine.basis.identity import (
    IdNumberError,
    clean_number,
    is_credit_code,
    is_mobile_phone,
    parse_id_number,
)
from jiuye.office.registry.registering import NotRegisteredError, Seen
from jiuye.office.registry.states import (
    EMPLOYER_KINDS,
    EMPLOYER_PAPERS,
    EMPLOYER_SIZES,
    HUKOU_KINDS,
    INDUSTRIES,
    PERSON_PAPERS,
)
from jiuye.office.staff.refusals import LINE, NAME
from jiuye.portals.common.forms import DayField
from jiuye.portals.desk.people.forms import words

Places = Sequence[tuple[str, Any]]


class CounterForm(forms.Form):
    """What both have: the paper, why, and that the original was looked at. Field names are those of the operation."""

    papers: ClassVar[dict[str, str]]
    place: ClassVar[str]  # the field that takes a division
    chosen: ClassVar[
        dict[str, tuple[dict[str, str], Any]]
    ]  # what may be left open: vocabulary, and the words for open

    def __init__(self, *args: Any, places: Places, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["paper"].choices = words(self.papers, gettext("请选择"))
        self.fields[self.place].choices = [("", gettext("请选择")), *places]
        for name, (vocabulary, empty) in self.chosen.items():
            self.fields[name].choices = words(vocabulary, str(empty))
        for name in ("name", "id_number", "credit_code", "phone", "bank_account"):
            if name in self.fields:
                self.fields[name].widget.attrs.update(autocomplete="off", spellcheck="false")

    def given(self) -> dict[str, Any]:
        """The columns of the record as they were written."""
        apart = ("paper", "because", "agent", "seen")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    def seen(self, apart: ApartForm | None) -> Seen:
        """What the officer looked at and says."""
        given = self.cleaned_data
        told = apart.cleaned_data if apart is not None else {}
        return Seen(
            paper=given["paper"],
            original=given["seen"],
            because=given["because"],
            agent=given.get("agent", ""),
            apart=told.get("apart", ""),
            apart_because=told.get("apart_because", ""),
        )

    def say(self, error: NotRegisteredError) -> None:
        """Each sentence of a refusal at the field that it is about."""
        for name, sentence in error.wrong:
            self.add_error(name if name in self.fields else None, sentence)


class PersonForm(CounterForm):
    """A resident: who they are by their paper, where they live, and how to reach them."""

    papers, place = PERSON_PAPERS, "residence_division"
    chosen: ClassVar = {"hukou_kind": (HUKOU_KINDS, _("没有写明"))}

    paper = forms.ChoiceField(label=_("核对的证件"))
    id_number = forms.CharField(
        label=_("身份证号"), max_length=30, help_text=_("照证件原件填写；性别和出生日期由号码得出。")
    )
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(label=_("手机号"), required=False, max_length=20)
    residence_division = forms.ChoiceField(
        label=_("常住地"), help_text=_("选到社区（村）；只列您管辖的区划。")
    )
    address = forms.CharField(label=_("住址"), required=False, max_length=200)
    hukou_kind = forms.ChoiceField(label=_("户口性质"), required=False)
    hukou_division = forms.CharField(
        label=_("户籍地"),
        required=False,
        max_length=120,
        help_text=_("本市的写社区（村）、街道或县区的名称，也可以写区划代码；外地的不用填。"),
    )
    because = forms.CharField(
        label=_("登记理由"), max_length=LINE, help_text=_("例如：本人来办失业登记，名册里没有。")
    )
    seen = forms.BooleanField(label=_("已当面核对证件原件"))


class EmployerForm(CounterForm):
    """An employer: what its licence or certificate says, where its money goes, and who came."""

    papers, place = EMPLOYER_PAPERS, "division"
    chosen: ClassVar = {
        "kind": (EMPLOYER_KINDS, _("由信用代码得出")),
        "size": (EMPLOYER_SIZES, _("没有写明")),
        "industry": (INDUSTRIES, _("没有写明")),
    }

    paper = forms.ChoiceField(label=_("核对的证件"))
    credit_code = forms.CharField(
        label=_("统一社会信用代码"), max_length=30, help_text=_("18位，照证件原件填写。")
    )
    name = forms.CharField(label=_("名称"), max_length=120)
    kind = forms.ChoiceField(
        label=_("类型"), required=False, help_text=_("信用代码的前两位不能表明类型的，才要选。")
    )
    division = forms.ChoiceField(label=_("所在地"), help_text=_("只列您管辖的区划。"))
    industry = forms.ChoiceField(label=_("行业门类"), required=False)
    size = forms.ChoiceField(label=_("规模"), required=False)
    founded_on = DayField(_("成立日期"), required=False)
    bank_account = forms.CharField(label=_("对公账号"), required=False, max_length=40)
    bank_name = forms.CharField(label=_("开户行"), required=False, max_length=60)
    agent = forms.CharField(
        label=_("来办理的人"), max_length=NAME, help_text=_("单位派来的人，照其身份证填写姓名。")
    )
    because = forms.CharField(
        label=_("登记理由"), max_length=LINE, help_text=_("例如：单位来申请招用补贴，名册里没有。")
    )
    seen = forms.BooleanField(label=_("已当面核对证件原件和来办理的人的身份证"))


class ApartForm(forms.Form):
    """That those who are alike are others. `apart` stands for the very ones who were shown."""

    apart = forms.CharField(widget=forms.HiddenInput, max_length=64)
    sure = forms.BooleanField(label=_("逐个核对过，都不是同一个"))
    apart_because = forms.CharField(
        label=_("怎样核对的"), max_length=LINE, help_text=_("例如：同名同生日，身份证照片不是同一人。")
    )


def written_about(text: str) -> dict[str, str]:
    """What a search that found nobody already says, as the first values of the forms: a number where it is one, else a name."""
    number = clean_number(text).upper()
    try:
        return {"id_number": parse_id_number(text).text}
    except IdNumberError:
        pass
    if is_credit_code(number):
        return {"credit_code": number}
    if is_mobile_phone(text):
        return {"phone": text}
    return {"name": text} if text and not number.lstrip("#").isdigit() else {}
