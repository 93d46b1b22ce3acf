"""Answers: what people choose, tick or type, as facts; and the answer that a subject of whom everything is known would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from jiuye.engine.rules.audiences import ONE, SEVERAL, Facts, Option, Question
from jiuye.engine.rules.spans import Between, resolved
from jiuye.engine.rules.values import parse_value


class Unsure:
    """The answer “I don't know”: an answer too, after which the question is not put again."""

    def __repr__(self) -> str:
        return "UNSURE"


UNSURE = Unsure()
UNSURE_WORD = "?"  # as it travels in a form
Answer = Any  # an option's id, a tuple of them, a value of the fact's type, or UNSURE


class WrongAnswerError(ValueError):
    """What was sent does not fit its question. `zh` and `en` say so to whoever answers."""

    def __init__(self, question: Question, text: str) -> None:
        self.question = question
        examples = {
            "date": ("日期请写成 2023-07-01 的样子", "write a date like 2023-07-01"),
            "month": ("月份请写成 2023-07 的样子", "write a month like 2023-07"),
            "money": ("金额以元为单位，最多两位小数，例如 1234.50", "write yuan with at most two decimals, like 1234.50"),
            "number": ("请只写数字，例如 36", "write digits only, like 36"),
        }  # fmt: skip
        zh, en = examples.get(
            question.type.kind if question.kind == "value" else "",
            ("请从列出的答案里选", "choose among the answers listed"),
        )
        bounds_zh, bounds_en = _bounds(question)
        self.zh = f"“{text}”不能作为这个问题的回答；{zh}{bounds_zh}。不知道也可以选“不清楚”。"
        self.en = (
            f"'{text}' is no answer to this question; {en}{bounds_en}. You may also choose \"I don't know\"."
        )
        super().__init__(self.zh)


def _bounds(question: Question) -> tuple[str, str]:
    fact = question.fact
    if fact is None or fact.type.kind != "number" or fact.low is None or fact.high is None:
        return "", ""
    return f"，在 {fact.low} 与 {fact.high} 之间", f", between {fact.low} and {fact.high}"


def read_answer(question: Question, texts: Sequence[str], enums: dict[str, dict[str, str]]) -> Answer:
    """What a form sent for this question: option ids, or one value. Nothing ticked of a list is an answer; nothing else is none.

    Raises WrongAnswerError.
    """
    if UNSURE_WORD in texts:
        return UNSURE
    known = {option.id for option in question.options}
    if question.kind == SEVERAL:
        chosen = tuple(option.id for option in question.options if option.id in texts)
        if len(chosen) != len({text for text in texts if text}):
            raise WrongAnswerError(question, "、".join(sorted(set(texts) - known)))
        return chosen
    text = texts[0].strip() if texts else ""
    if question.kind == ONE:
        if text not in known:
            raise WrongAnswerError(question, text)
        return text
    try:
        value = parse_value(text, question.type, enums)
    except ValueError as error:
        raise WrongAnswerError(question, text) from error
    fact = question.fact
    if text == "" or (
        fact is not None
        and not ((fact.low is None or value >= fact.low) and (fact.high is None or value <= fact.high))
    ):
        raise WrongAnswerError(question, text)
    return value


def facts_of(question: Question, answer: Answer, on: date) -> Facts:
    """What an answer says on a day, as (path, value) pairs; what it says only roughly as spans."""
    if isinstance(answer, Unsure):
        return ()
    if question.kind == ONE:
        said: Facts = next(option.facts for option in question.options if option.id == answer)
    elif question.kind == SEVERAL:
        # What is ticked speaks after what is not: two items may speak of the same fact.
        left = [pair for option in question.options if option.id not in answer for pair in option.otherwise]
        ticked = [pair for option in question.options if option.id in answer for pair in option.facts]
        said = (*left, *ticked)
    else:
        return ((question.path, answer),)
    return tuple((path, resolved(value, on)) for path, value in said)


def possible_answers(question: Question, enums: dict[str, dict[str, str]]) -> list[tuple[Answer, int]]:
    """The answers that a question can have, all alike; of a list to tick, nothing and each alone. Empty where they are endless."""
    if question.kind == ONE:
        return [(option.id, 1) for option in question.options]
    if question.kind == SEVERAL:
        none: tuple[str, ...] = ()
        return [(none, len(question.options)), *(((option.id,), 1) for option in question.options)]
    if question.type.kind == "boolean":
        return [(True, 1), (False, 1)]
    if question.type.kind == "enum":
        return [(member, 1) for member in enums[question.type.enum]]
    return []


def answer_from(question: Question, truth: Callable[[str], Any], on: date) -> Answer:
    """The answer of somebody of whom `truth` tells the value at each path (None: they do not know either).

    Of options, the first that contradicts nothing they know and says something that they do; UNSURE where none does.
    """
    if question.kind == ONE:
        for option in question.options:
            if _fits(option, truth, on):
                return option.id
        return UNSURE
    if question.kind == SEVERAL:
        return tuple(option.id for option in question.options if option.facts and _fits(option, truth, on))
    value = truth(question.path)
    return UNSURE if value is None else value


def _fits(option: Option, truth: Callable[[str], Any], on: date) -> bool:
    told = [(truth(path), resolved(value, on)) for path, value in option.facts]
    known = [(found, value) for found, value in told if found is not None]
    return (bool(known) or not told) and all(
        value.holds(found) if isinstance(value, Between) else found == value for found, value in known
    )
