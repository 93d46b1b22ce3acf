"""A simulation is asked for in a page and made beside it: once, one of an officer at a time, begun again where the process died."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.office.entitlements import simulating
from jiuye.office.entitlements.asked_simulations import SIMULATIONS, SimulationUnderWayError, ask
from jiuye.office.entitlements.simulating import CannotSimulateError, NoDifferenceError
from jiuye.office.policies import checking, operations, queries
from jiuye.office.policies.grids import BadGridError, Grid, GridAxis
from jiuye.office.policies.models import Simulation, SimulationRequest
from jiuye.office.policies.operations.simulations import TooManyDraftsError
from jiuye.office.staff.asked import MOST_TRIES
from jiuye.office.staff.models import Post
from jiuye.office.staff.queries import NotPermittedError
from tests.office.policies.conftest import AT, FILE, ON, POLICY, drafted, officer, with_share

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=3)
TRIED = Grid((GridAxis(FILE, "share/2022-01-01", ("0.55", "0.65")),))


def made() -> list[SimulationRequest]:
    return SIMULATIONS.carry_out(clock=lambda: LATER)


def test_what_was_asked_for_is_made_beside_with_the_drafts_and_values_of_then(pack, writer, flexible_worker):
    draft, other = drafted(writer, with_share(pack)), drafted(writer, with_share(pack, "0.55", "667.36"))
    asked = ask(actor=writer, draft_ids=[draft.pk, other.pk], grid=TRIED, on=ON, at=AT)
    assert (asked.state, asked.simulation) == ("waiting", None)
    assert not Simulation.objects.exists()
    (done,) = made()
    assert (done.pk, done.state, done.tries, done.ended_at) == (asked.pk, "done", 1, LATER)
    assert done.simulation.columns_on == ON
    assert done.simulation.made_by_id == writer.account_id
    assert set(done.simulation.content_hashes) == {str(draft.pk), str(other.pk)}
    assert {row["policy"] for row in done.simulation.result["policies"]} == {POLICY}
    assert [row["key"] for row in done.simulation.result["grid"]["points"]] == ["0.55", "0.65"]
    assert made() == []
    assert queries.last_asked(actor=writer, draft=draft) == done


def test_asked_for_twice_it_is_made_once_and_another_one_waits_until_it_has_ended(
    pack, writer, flexible_worker
):
    draft, other = drafted(writer, with_share(pack)), drafted(writer, with_share(pack), title="另一份")
    first = ask(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    assert ask(actor=writer, draft_ids=[draft.pk], on=ON, at=AT).pk == first.pk
    with pytest.raises(SimulationUnderWayError, match="测算还没有结束"):
        ask(actor=writer, draft_ids=[other.pk], on=ON, at=AT)
    assert len(made()) == 1
    assert ask(actor=writer, draft_ids=[other.pk], on=ON, at=AT).pk != first.pk


def test_what_can_be_told_at_once_is_refused_at_once(pack, writer):
    broken = drafted(writer, "conditions: {")
    same = operations.start_draft(actor=writer, title="没有改动", paths=[FILE], at=AT)
    draft = drafted(writer, with_share(pack))
    for drafts, grid, refusal in (
        ([broken.pk], None, CannotSimulateError),
        ([same.pk], None, NoDifferenceError),
        ([draft.pk] * 5, None, TooManyDraftsError),
        ([draft.pk], Grid((GridAxis(FILE, "share/2022-01-01", ("许多",)),)), BadGridError),
    ):
        with pytest.raises(refusal):
            ask(actor=writer, draft_ids=drafts, grid=grid, on=ON, at=AT)
    with pytest.raises(NotPermittedError):
        ask(actor=officer("经办", "caseworker"), draft_ids=[draft.pk], on=ON, at=AT)
    assert not SimulationRequest.objects.exists()


def test_nobody_waits_for_the_packs_of_a_grids_points(pack, writer, monkeypatch):
    read = []
    monkeypatch.setattr(
        simulating, "check_texts", lambda texts: read.append(texts) or checking.check_texts(texts)
    )
    draft = drafted(writer, with_share(pack))
    ask(actor=writer, draft_ids=[draft.pk], grid=TRIED, on=ON, at=AT)
    assert len(read) == 1


def test_a_draft_that_was_broken_meanwhile_ends_it_with_the_reason(pack, writer, flexible_worker):
    draft = drafted(writer, with_share(pack))
    ask(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    operations.save_draft(actor=writer, draft_id=draft.pk, path=FILE, text="conditions: {", at=AT)
    (failed,) = made()
    assert failed.state == "failed"
    assert "处错误，改正后才能测算" in failed.error
    assert not Simulation.objects.exists()


def test_who_lost_the_right_meanwhile_gets_none(pack, writer, flexible_worker):
    draft = drafted(writer, with_share(pack))
    ask(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    Post.objects.filter(account_id=writer.account_id).update(until=ON)
    (failed,) = made()
    assert failed.state == "failed"
    assert failed.error


def test_a_simulation_that_kills_its_process_every_time_is_given_up(pack, writer, flexible_worker):
    draft = drafted(writer, with_share(pack))
    asked = ask(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    for _ in range(MOST_TRIES):
        assert SIMULATIONS.begun(asked.pk, AT)  # and then the process was killed
    assert made() == []
    asked.refresh_from_db()
    assert (asked.state, asked.tries) == ("failed", MOST_TRIES)
    assert "中途停止" in asked.error


def test_the_database_itself_refuses_a_second_one_of_an_officer_and_what_has_no_end(pack, writer):
    draft = drafted(writer, with_share(pack))
    asked = ask(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    fields = {"draft": draft, "asked_by_id": writer.account_id, "asked_on": ON, "asked_at": AT}
    with pytest.raises(IntegrityError, match="one_simulation_of_an_officer"), transaction.atomic():
        SimulationRequest.objects.create(**fields)
    with pytest.raises(DatabaseError), transaction.atomic():
        SimulationRequest.objects.filter(pk=asked.pk).update(state="done")
    with pytest.raises(DatabaseError), transaction.atomic():
        asked.delete()
