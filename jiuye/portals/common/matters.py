"""A matter as the design system's components: its form, what proves it, its timeline. For the resident's pages and the desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiuye.engine.services.items import Question
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import INSIDE_ACTS
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.matters import operations
from jiuye.office.matters.forms import FormRefusedError, differs
from jiuye.office.matters.limits import shown
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries import MatterView
from jiuye.office.matters.queries.one import Answer
from jiuye.office.matters.states import ACT_NAMES, STATE_LEVELS, STATES, label
from jiuye.office.registry.secrets import mask_id_number
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.actors import actor, now, office_date
from jiuye.portals.common.authorities import noted
from jiuye.portals.common.components import Cell, Step
from jiuye.portals.common.templatetags.jiuye import content, day, english, holder_name
from jiuye.portals.common.typed import note_refusal, refused_of

INPUTS = {
    "date": "date",
    "whole": "number",
    "money": "text",
    "text": "text",
    "employer": "text",
    "person": "text",
}


class AnswerForm(forms.Form):
    """The item's form, drawn from its file. What is written is judged by the domain, which says what is wrong with each field."""

    def __init__(self, answers: Iterable[Answer], wrong: Mapping[str, str]) -> None:
        rows = list(answers)
        asked = {row.question.id: row.text for row in rows}
        super().__init__(data={name: text for name, text in asked.items() if text})
        for row in rows:
            if row.question.is_asked(asked):
                self.fields[row.question.id] = drawn_field(row)
        # Given before anybody asks, so that Django's own checks never speak over the domain's.
        self._errors = ErrorDict(
            {name: self.error_class([words]) for name, words in wrong.items() if name in self.fields}
        )
        self.cleaned_data: dict[str, Any] = {}


def answer_form(request: HttpRequest, view: MatterView, wrong: Mapping[str, str]) -> AnswerForm:
    """The form as it is kept, or as it was typed where this request refused it or a paper beside it."""
    found = refused_of(request)
    answers = list(view.answers)
    if found is not None and any(row.question.id in found.values for row in answers):
        answers = [replace(row, text=str(found.values.get(row.question.id, row.text))) for row in answers]
    form = AnswerForm(answers, wrong)
    if found is not None:
        found.shown.update(form.fields)
    return form


def drawn_field(row: Answer) -> forms.Field:
    """The field of one question, with what to write and which register knows it already."""
    question = row.question
    options: dict[str, Any] = {
        "label": content(question, "label"),
        "required": question.required,
        "help_text": _help(row),
    }
    if question.kind == "choice":
        words = [("", _("请选择"))] + [(value, en if english() else zh) for value, zh, en in question.options]
        return forms.ChoiceField(choices=words, **options)
    if question.kind == "yes_no":
        return forms.ChoiceField(
            choices=[("yes", _("是")), ("no", _("否"))], widget=forms.RadioSelect, **options
        )
    if question.kind == "statement":
        return forms.BooleanField(
            widget=forms.CheckboxInput(attrs={"value": "yes"}, check_test=_checked), **options
        )
    return forms.CharField(widget=forms.TextInput(attrs={"maxlength": 500} | _input(question)), **options)


def _checked(value: Any) -> bool:
    return value == "yes" or value is True


def _input(question: Question) -> dict[str, str]:
    kind = INPUTS[question.kind]
    return {"type": kind} if kind != "text" else {"inputmode": "decimal"} if question.kind == "money" else {}


def _help(row: Answer) -> str:
    """What to write; what a register says already; what was sent back."""
    words = []
    if row.correction:
        words.append(_("退回补正：%(words)s") % {"words": row.correction})
    help_text = content(row.question, "help")
    if help_text:
        words.append(help_text)
    if (limits := _limits(row)) != "":
        words.append(limits)
    if row.named:
        words.append(_("登记名称：%(name)s。") % {"name": row.named})
    if row.known is not None:
        words.append(
            _("已由%(register)s填好；不对的请更正。") % {"register": holder_name(row.known.register)}
        )
    return " ".join(words)


def _limits(row: Answer) -> str:
    """Between which numbers the answer may lie, where there are such."""
    least, most = (
        shown(row.question, value) if value is not None else ""
        for value in (row.limits.least, row.limits.most)
    )
    if least and most:
        return _("%(least)s 到 %(most)s 之间。") % {"least": least, "most": most}
    if least:
        return _("不少于 %(least)s。") % {"least": least}
    return _("不多于 %(most)s。") % {"most": most} if most else ""


def shown_answers(view: MatterView) -> list[tuple[str, str]]:
    """(label, value) of every answered field, in words."""
    rows = []
    asked = {row.question.id: row.text for row in view.answers}
    for row in view.answers:
        if row.text and row.question.is_asked(asked):
            rows.append((content(row.question, "label"), _words(row)))
    return rows


def _words(row: Answer) -> str:
    question, text = row.question, row.text
    if question.kind == "choice":
        found = {value: en if english() else zh for value, zh, en in question.options}
        return found.get(text, text)
    if question.kind in ("yes_no", "statement"):
        return _("是") if text == "yes" else _("否")
    if question.kind == "person":
        text = mask_id_number(text)
    return f"{row.named}（{text}）" if row.named else text


def keep_form(request: HttpRequest, matter_id: int, look: Callable[[], MatterView]) -> HttpResponse:
    """Keep what is filled in so far, for whoever fills it in. The fields are drawn again only where the answers change which are asked.

    `look` reads the matter as this actor may fill it in; it raises Http404 where there is none.
    """
    before = look()
    try:
        operations.save(
            actor=actor(request), matter_id=matter_id, answers=request.POST.dict(), on=office_date(), at=now()
        )
    except Refusal as error:
        # It was handed in meanwhile. The page stays as it is, with what was typed.
        told = {"jiuye:toast": {"text": str(error), "kind": "bad"}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    after = look()
    if _asked(before) == _asked(after):
        return HttpResponse(status=204)
    return render(request, "common/matters/fields.html", {"form": AnswerForm(after.answers, {})})


def _asked(view: MatterView) -> list[str]:
    answers = {row.question.id: row.text for row in view.answers}
    return [row.question.id for row in view.answers if row.question.is_asked(answers)]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Whether the form was taken (now or before), and what is wrong with it by field where it was not."""

    done: bool
    wrong: Mapping[str, str]


def hand_in(request: HttpRequest, matter_id: int) -> HandedIn:
    """Hand in what the request's form holds, and say in a message how it went; wrong fields are for the form to show.

    What came too late, because somebody else handed the form in, is noted as refused unless it is the same.
    """
    try:
        operations.hand_in(
            actor=actor(request), matter_id=matter_id, answers=request.POST.dict(), on=office_date(), at=now()
        )
    except FormRefusedError as error:
        messages.error(request, _("有 %(count)d 处要改，已标在旁边。") % {"count": len(error.fields)})
        return HandedIn(False, error.fields)
    except AlreadyDoneError as error:
        messages.info(request, str(error))
        if differs(request.POST.dict(), matter=error.event.matter):
            # Somebody else handed in other words first: these are refused, and not lost.
            note_refusal(request, str(error))
        return HandedIn(True, {})
    except Refusal as error:
        messages.error(request, str(error))
        note_refusal(request, str(error))
        return HandedIn(False, {})
    messages.success(request, _("已提交。进度随时可以在这里看。"))
    return HandedIn(True, {})


def sources_of(view: MatterView) -> list[str]:
    """The documents that the item rests on: 江苏省就业和失业登记管理办法 第三条."""
    return [" ".join(filter(None, (row.document, row.number, row.clause))) for row in view.item.sources]


def ground_of(view: MatterView) -> str:
    """What a refusal rests on, in the language of the page."""
    return view.ground.of("en" if english() else "zh-hans")


def item_name(matter: Matter) -> str:
    """The item's name in the language of the page."""
    return content(matter, "item_name")


def state_of(matter: Matter, audience: str) -> Cell:
    """The state with its light, in the words of that audience (applicant, caseworker, auditor)."""
    return Cell(_(label(matter.state, audience)), level=STATE_LEVELS[matter.state])


def steps_of(view: MatterView, *, for_applicant: bool = False) -> list[Step]:
    """What happened, what is awaited and from whom until when, and what comes after it."""
    failing = {"refuse", "withdraw", "end"}
    steps = [
        Step(
            title=_(ACT_NAMES[event.act]),
            state="failed" if event.act in failing else "done",
            when=event.at,
            who=event.actor_name if event.actor_id else _("系统"),
            note="" if for_applicant and event.act in INSIDE_ACTS else noted(event),
        )
        for event in view.timeline
    ]
    matter = view.matter
    if matter.state == "correction_requested":
        steps.append(Step(_(ACT_NAMES["correct"]), "current", _until(matter), _("申请人")))
    coming = [step.act for step in view.item.steps]
    start = coming.index(matter.awaits) if matter.awaits in coming else len(coming)
    for position, act in enumerate(coming[start:]):
        here = position == 0
        who = f"{view.holder} {_(ROLES.get(matter.awaits_role, ''))}".strip() if here else ""
        steps.append(
            Step(_(ACT_NAMES[act]), "current" if here else "next", _until(matter) if here else None, who)
        )
    return steps


def _until(matter: Matter) -> str | None:
    return _("%(day)s 前") % {"day": day(matter.due_on)} if matter.due_on is not None else None


def state_words(audience: str) -> list[tuple[str, str]]:
    """Every state but the draft, as choices of a filter."""
    return [(state, _(label(state, audience))) for state in STATES if state != "draft"]
