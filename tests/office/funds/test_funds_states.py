"""The one table of states: every word is used, every state has its name and tone, and the ends are ends."""

from __future__ import annotations

import pytest

from jiuye.office.funds.states import (
    BATCH_STATES,
    LINE_STATES,
    LIVE_LINE_STATES,
    RESERVATION_STATES,
    STATE_TONES,
    TRANSITIONS,
    WrongFundsStateError,
    advance,
    pairs,
)
from jiuye.office.staff.roles import PERMISSIONS

THINGS = {
    "reservation": (RESERVATION_STATES, "held", {"returned", "released"}),
    "batch": (BATCH_STATES, "draft", {"partly_rejected", "discarded"}),
    "line": (LINE_STATES, "pending", {"reissued", "discarded"}),
}


@pytest.mark.parametrize("thing", sorted(THINGS))
def test_every_state_is_reached_from_the_first_and_the_ends_lead_nowhere(thing):
    states, first, ends = THINGS[thing]
    reached = {first}
    while more := {target for source, target in pairs(thing) if source in reached} - reached:
        reached |= more
    assert reached == set(states)
    assert set(states) - {source for source, _ in pairs(thing)} == ends


def test_every_state_has_a_tone():
    for states, _, _ in THINGS.values():
        assert set(states) <= set(STATE_TONES)


def test_every_permission_of_the_table_is_held_by_some_role():
    held = set().union(*PERMISSIONS.values())
    assert {row.permission for row in TRANSITIONS if row.permission} <= held


def test_a_paid_line_and_a_discarded_one_cannot_both_be_live():
    assert {"paid", "sent", "pending"} == set(LIVE_LINE_STATES)


def test_an_act_out_of_its_state_says_where_it_belongs():
    with pytest.raises(WrongFundsStateError, match="须在“待复核”时办理") as caught:
        advance("batch", "sent", "approve")
    assert "银行处理中" in str(caught.value)


def test_an_act_that_is_not_in_the_table_is_a_mistake_of_ours():
    with pytest.raises(KeyError, match="no act of a batch"):
        advance("batch", "draft", "burn")
