"""A calculation as the page shows it: the question as buttons, ticks or a field, and the results in the order people want them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from jiuye.engine.rules.answers import UNSURE_WORD
from jiuye.engine.rules.audiences import ONE, SEVERAL, Question
from jiuye.engine.rules.policies import CLAIMS, EFFECTS, Policy
from jiuye.engine.rules.questions import AMOUNT_OPEN, NO_RULE, OPEN, UNWANTED
from jiuye.engine.rules.values import show_value
from jiuye.office.entitlements.calculating import Answered, Calculation, Result, audiences, inquiry_of
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Clause, Tab
from jiuye.portals.common.templatetags.jiuye import content, english, holder_name
from jiuye.portals.resident.calculator.forms import FIELD

DUTIES = ("duty",)
BENEFITS = tuple(effect for effect in EFFECTS if effect not in DUTIES)
AMOUNT_WORDS = {
    "payment": "",
    "relief": pgettext_lazy("amount", "可减免"),
    "duty": pgettext_lazy("amount", "应缴或应付"),
    "service": "",
}
MOST_SAID = 15  # questions left: a larger bound says nothing yet
MOST_BUTTONS = 12  # a longer list of answers is a list to choose from


@dataclass(frozen=True, slots=True)
class ShownOption:
    """One answer to press or to tick; `chosen` where it is the answer being changed."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """`shape`: buttons, ticks, list or field. `name` is that of its field in the form."""

    id: str
    name: str
    ask: str
    help: str
    about: str
    shape: str
    options: tuple[ShownOption, ...]
    input_type: str
    input_mode: str
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class Said:
    """One answer that was given, in words."""

    id: str
    ask: str
    answer: str


@dataclass(frozen=True, slots=True)
class Card:
    """One policy. `reason` is a sentence; `waits` what it still depends on, each with who holds it."""

    name: str
    summary: str
    amount_fen: int | None
    amount_word: str  # before the amount, where it is not paid out
    reason: str
    waits: tuple[tuple[str, str], ...]
    clauses: list[Clause]
    claim: str
    fresh: bool
    how: str


@dataclass(frozen=True, slots=True)
class Group:
    """Results of one kind. `level` is the design system's; `open` shows the cards, else they are folded."""

    id: str
    title: str
    level: str
    cards: tuple[Card, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the calculator's page shows."""

    question: ShownQuestion | None
    together: tuple[ShownQuestion, ...]  # where one page asks several; then `question` is None
    changing: bool
    said: tuple[Said, ...]
    groups: tuple[Group, ...]
    fresh: tuple[Card, ...]  # what can be got, as the last answer settled it
    fresh_no: int  # how many it settled as out of reach
    certain: int
    total: int
    left: int
    begun: bool
    finished: bool
    per_mille: int


def page_of(calculation: Calculation) -> Page:
    """The page of a calculation, in the language of the request."""
    groups = _groups(calculation)
    fresh = [(group.id, card) for group in groups for card in group.cards if card.fresh]
    total = len(calculation.state.standings)
    shown = tuple(_question(calculation, question) for question in calculation.questions)
    return Page(
        question=shown[0] if len(shown) == 1 else None,
        together=shown if len(shown) > 1 else (),
        changing=calculation.changing,
        said=tuple(_said(item, calculation.entity) for item in calculation.answered),
        groups=groups,
        fresh=tuple(card for group, card in fresh if group in ("yes", "duty")),
        fresh_no=sum(group in ("no", "no-rule") for group, _card in fresh),
        certain=calculation.state.certain,
        total=total,
        left=calculation.state.most_left if calculation.state.most_left <= MOST_SAID else 0,
        begun=bool(calculation.answered),
        finished=calculation.finished,
        per_mille=1000 * calculation.state.certain // total if total else 1000,
    )


def tabs_of(entity: str) -> list[Tab]:
    """One tab an audience; none where the pack has only one."""
    found = audiences()
    words = {"person": _("我是居民"), "employer": _("我是用人单位")}
    if len(found) < 2:
        return []
    return [
        Tab(
            words.get(name, name),
            reverse("calculator:start") if name == "person" else reverse("calculator:audience", args=[name]),
            current=name == entity,
        )
        for name in found
    ]


# --- the question


def _question(calculation: Calculation, question: Question) -> ShownQuestion:
    alone = len(calculation.questions) == 1
    before = next((item.texts for item in calculation.answered if item.question.id == question.id), ())
    if calculation.refused:
        before = calculation.sent.get(question.id, ()) if not alone else ()
    options = _options(question, calculation.entity, before)
    if question.kind == SEVERAL:
        shape = "ticks"
    elif options:
        shape = "buttons" if alone and len(options) <= MOST_BUTTONS else "list"
    else:
        shape = "field"
    kind = question.type.kind
    refused = calculation.refused.get(question.id)
    error = "" if refused is None else refused.en if english() else refused.zh
    return ShownQuestion(
        id=question.id,
        name="value" if alone else f"{FIELD}{question.id}",
        ask=content(question, "ask"),
        help=content(question, "help") or ("" if shape != "field" else _hint(kind)),
        about=_about(question, calculation.entity),
        shape=shape,
        options=options,
        input_type={"date": "date", "month": "month"}.get(kind, "text"),
        input_mode={"money": "decimal", "number": "numeric"}.get(kind, "text"),
        value=before[0] if before and shape == "field" and before[0] != UNSURE_WORD else "",
        error=error,
    )


def _options(question: Question, entity: str, before: tuple[str, ...]) -> tuple[ShownOption, ...]:
    if question.kind in (ONE, SEVERAL):
        return tuple(
            ShownOption(option.id, content(option, "says"), option.id in before)
            for option in question.options
        )
    if question.type.kind == "boolean":
        return (
            ShownOption("true", _("是"), "true" in before),
            ShownOption("false", _("不是"), "false" in before),
        )
    if question.type.kind == "enum":
        enums = inquiry_of(entity).pack.vocabulary.enums
        lang = "en" if english() else "zh"
        return tuple(
            ShownOption(member, show_value(member, question.type, enums, lang), member in before)
            for member in enums[question.type.enum]
        )
    return ()


def _hint(kind: str) -> str:
    return {"money": _("以元为单位，最多两位小数"), "number": _("只填数字")}.get(kind, "")


def _about(question: Question, entity: str) -> str:
    """Whose fact it is, where it is not the asker's own: the name of the hire, the certificate, the business."""
    if question.declared or "." not in question.path:
        return ""
    slot = inquiry_of(entity).audience.slots.get(question.path.partition(".")[0])
    return content(slot, "label") if slot is not None else ""


def _said(item: Answered, entity: str) -> Said:
    question = item.question
    if item.unsure:
        answer = _("不清楚")
    elif question.kind in (ONE, SEVERAL):
        chosen = [content(option, "says") for option in question.options if option.id in item.texts]
        answer = ("; " if english() else "；").join(chosen) or _("都没有")
    else:
        enums = inquiry_of(entity).pack.vocabulary.enums
        answer = show_value(item.answer, question.type, enums, "en" if english() else "zh")
    return Said(question.id, content(question, "ask"), answer)


# --- the results


def _groups(calculation: Calculation) -> tuple[Group, ...]:
    certain = ("yes", AMOUNT_OPEN)
    waiting = _cards(calculation, (OPEN,))
    finished = calculation.finished
    found = [
        Group("yes", _("能享受"), "good", _cards(calculation, certain, BENEFITS), open=True),
        Group("duty", _("应尽的义务"), "watch", _cards(calculation, certain, DUTIES), open=True),
        Group(
            "unwanted",
            _("您没有提出，想要时可以申请"),
            "none",
            _cards(calculation, (UNWANTED,)),
            open=finished,
        ),
        Group(
            "open",
            _("要看登记信息") if finished else _("还取决于后面的回答"),
            "watch",
            waiting,
            open=finished,
        ),
        Group("no-rule", _("标准没有查到，不能判定"), "none", _cards(calculation, (NO_RULE,)), open=False),
        Group("no", _("不能享受"), "none", _cards(calculation, ("no",), BENEFITS), open=False),
        Group("no-duty", _("没有的义务"), "none", _cards(calculation, ("no",), DUTIES), open=False),
    ]
    return tuple(group for group in found if group.cards)


def _cards(
    calculation: Calculation, statuses: Iterable[str], effects: Iterable[str] = tuple(EFFECTS)
) -> tuple[Card, ...]:
    rows = [
        result
        for result in calculation.results
        if result.standing.status in statuses and result.standing.policy.effect in effects
    ]
    rows.sort(key=lambda result: (-(result.standing.amount_fen or 0), result.standing.policy.id))
    return tuple(_card(result, calculation.entity) for result in rows)


def _card(result: Result, entity: str) -> Card:
    standing, policy = result.standing, result.standing.policy
    told: dict[str, Any] = result.explanation.as_dict() if result.explanation is not None else {}
    waits = tuple(
        dict.fromkeys(
            (content(item, "label") or content(item, "path"), holder_name(item.register))
            for item in standing.lacking
        )
    )
    return Card(
        name=content(policy, "label"),
        summary=content(policy, "summary"),
        amount_fen=standing.amount_fen,
        reason=_reason(result, entity),
        waits=waits if standing.status in (OPEN, AMOUNT_OPEN, NO_RULE) else (),
        clauses=clauses_of(told),
        claim=_claim(policy),
        amount_word=str(AMOUNT_WORDS[policy.effect]),
        fresh=result.fresh,
        how=content(told, "amount_how"),
    )


def _claim(policy: Policy) -> str:
    """How it is come by: a payment as it is claimed, a relief by filing, a service at a counter; a duty is not claimed."""
    if policy.effect == "payment":
        return _(CLAIMS[policy.claim])
    return {"relief": _("减免，申报时享受"), "service": _("服务事项")}.get(policy.effect, "")


def _reason(result: Result, entity: str) -> str:
    standing = result.standing
    if standing.absent:
        slot = inquiry_of(entity).audience.slots[standing.absent]
        return _("您没有：%(thing)s。") % {"thing": content(slot, "label")}
    if standing.status == UNWANTED:
        if standing.could:
            return _("别的条件都满足。想要的话，修改回答就能看到结果，也可以直接去申请。")
        return _("还有几项没有问。想要的话，修改回答，会接着问。")
    if standing.status == AMOUNT_OPEN:
        return _("条件都满足，金额还要看下面几项。")
    if standing.status == NO_RULE:
        return _("没有查到有效的标准，条件满足也不能付款。")
    if standing.status == "no" and result.explanation is not None:
        return content(result.explanation, "reason")
    return ""
