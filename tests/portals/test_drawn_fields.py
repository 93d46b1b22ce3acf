"""The fields that Python draws are, sign by sign but for the ends of lines, what Django's own templates write."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from jiuye.portals.common.drawn_fields import DRAWN, FIELD
from jiuye.portals.common.forms import FormRenderer

LINES = re.compile(r"\s*\n\s*")
HOSTILE = "\"><script>alert('王&李')</script>"
CHOICES = [("", "请选择"), ("1", HOSTILE), (2, 2024), ("一组", [("a", "甲"), (HOSTILE, "乙")])]
ATTRS = {"rows": 3, "data-key": HOSTILE, "required": True, "disabled": False, HOSTILE: "x"}


@pytest.mark.parametrize("value", [None, "", HOSTILE, 0, 1234567, "2", date(2025, 9, 15)])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(ATTRS),
        forms.DateInput(ATTRS),
        forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        forms.NumberInput(ATTRS),
        forms.HiddenInput(ATTRS),
        forms.PasswordInput(ATTRS, render_value=True),
        forms.EmailInput(ATTRS),
        forms.CheckboxInput(ATTRS),
        forms.Textarea(ATTRS),
        forms.Select(ATTRS, choices=CHOICES),
        forms.Select(choices=[]),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_a_widget_is_drawn_as_django_draws_it(widget, value):
    attrs = {"id": "id_name", "aria-invalid": "true"}
    ours = widget.render("name", value, attrs, renderer=FormRenderer())
    assert widget.template_name in DRAWN
    theirs = widget.render("name", value, attrs, renderer=DjangoTemplates())
    assert LINES.sub("", ours) == LINES.sub("", theirs)


class Everything(forms.Form):
    name = forms.CharField(label=HOSTILE, help_text="写<b>全名</b>")
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label="同意")
    upheld = forms.ChoiceField(label="成立", choices=[("y", "是"), ("n", "否")], widget=forms.RadioSelect)
    way = forms.MultipleChoiceField(
        label="方式", required=False, choices=[("a", "甲")], widget=forms.CheckboxSelectMultiple
    )


def drawn(form: forms.Form, name: str) -> str:
    return FormRenderer().render(FIELD, {"field": form[name]}).replace("\n", "")


def test_a_field_names_its_help_and_is_named_by_its_label():
    field = drawn(Everything(), "name")
    assert field.startswith('<div class="field"><label class="field__label" for="id_name">')
    assert HOSTILE not in field
    assert '<p class="field__help" id="id_name_helptext">写<b>全名</b></p>' in field
    assert 'aria-describedby="id_name_helptext"' in field
    assert "选填" not in field


def test_what_may_stay_empty_says_so_and_what_is_ticked_stands_before_its_label():
    assert '说明<span class="field__optional">选填</span></label>' in drawn(Everything(), "note")
    ticked = drawn(Everything(), "agreed")
    assert ticked.startswith('<div class="field field--check"><input type="checkbox"')
    assert ticked.count("<input") == 1


def test_several_inputs_stand_in_a_fieldset_with_a_legend():
    assert '<fieldset><legend class="field__label">成立</legend>' in drawn(Everything(), "upheld")
    assert '方式<span class="field__optional">选填</span></legend>' in drawn(Everything(), "way")


def test_a_field_that_was_wrong_says_what():
    form = Everything({"name": ""})
    field = drawn(form, "name")
    assert field.startswith('<div class="field field--wrong">')
    assert form.errors["name"][0] in field
    assert 'aria-invalid="true"' in field


def test_without_names_of_its_own_a_field_has_none():
    assert "id=" not in drawn(Everything(auto_id=False), "name").replace("name=", "")
