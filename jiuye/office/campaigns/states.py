"""The life of a campaign as one table, why somebody is left out of it, and the words for both."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from jiuye.office.casework.refusals import Refusal

STATES: dict[str, str] = {"prepared": "待放行", "released": "已放行", "discarded": "已作废"}
LEVELS = {"prepared": "watch", "released": "good", "discarded": "none"}
# Why nothing is written to somebody; the last two are written to their inbox and not sent to a phone.
LEFT_OUT: dict[str, str] = {
    "told_today": "今天已经告知过",
    "told_lately": "近日已就这些政策告知过",
    "deceased": "登记显示本人已去世",
    "settled": "已不在应享未享名单",
}
NO_SMS: dict[str, str] = {"no_number": "没有登记手机号，或者号码不对", "refused": "上次短信被网关拒收"}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the act, where it starts, where it ends."""

    act: str
    sources: tuple[str, ...]
    target: str
    button: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition("release", ("prepared",), "released", "放行"),
    Transition("discard", ("prepared",), "discarded", "作废"),
)


class WrongCampaignStateError(Refusal):
    """The act does not start in the state that the campaign is in."""

    def __init__(self, button: str, state: str) -> None:
        super().__init__(
            gettext("这次批量告知现在是“%(state)s”，不能“%(act)s”；请刷新后再看。")
            % {"state": gettext(STATES[state]), "act": gettext(button)}
        )


def advance(state: str, act: str) -> str:
    """The state that the act leads to. Raises WrongCampaignStateError, KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            if state not in row.sources:
                raise WrongCampaignStateError(row.button, state)
            return row.target
    raise KeyError(f"{act!r} is no act of a campaign; the table in {__name__} lists them")


def pairs() -> list[tuple[str, str]]:
    """Every (from, to), sorted: what the database's own trigger allows."""
    return sorted({(source, row.target) for row in TRANSITIONS for source in row.sources})
