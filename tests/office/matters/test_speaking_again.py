"""A relative's matter that was handed in goes over to the resident, who has come to the counter themselves."""

from __future__ import annotations

import pytest

from jiuye.office.matters import operations
from jiuye.office.matters.operations.starting import WrittenAtHomeError
from tests.office.authorities import authority
from tests.office.matters.conftest import DAY, at

TYPED = {"reason": "contract_ended", "left_on": "2024-06-01", "able_to_work": "yes", "seeking_work": "yes"}


@pytest.mark.parametrize("sent_back", [False, True])
def test_after_the_authority_ended_the_resident_goes_on_with_what_the_relative_handed_in(
    station, person, me, sent_back, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    given = authority(station, person, on=DAY)
    matter = operations.start(
        actor=station, item_id="unemployment-registration", applicant_kind="person", applicant_id=person.pk,
        way="relative", authority_id=given.pk, on=DAY, at=at(DAY),
    )  # fmt: skip
    now = {"matter_id": matter.pk, "on": DAY, "at": at(DAY)}
    operations.hand_in(actor=station, answers=TYPED, **now)
    if sent_back:
        operations.request_correction(actor=station, corrections={"left_on": "日期不对"}, **now)
    operations.change_speaker(actor=station, authority_id=None, **now)
    matter.refresh_from_db()
    assert (matter.authority_id, matter.way) == (None, "on_behalf")
    if sent_back:
        operations.hand_in(actor=station, answers=TYPED, **now)
        matter.refresh_from_db()
        assert matter.state == "submitted"


def test_a_relative_goes_on_with_what_the_resident_handed_in_and_was_asked_to_correct(
    station, person, me, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    given = authority(station, person, on=DAY)
    applied = {
        "item_id": "unemployment-registration", "applicant_kind": "person", "applicant_id": person.pk, "on": DAY,
        "at": at(DAY),
    }  # fmt: skip
    by_daughter = applied | {"actor": station, "way": "relative", "authority_id": given.pk}
    matter = operations.start(actor=me, **applied)
    with pytest.raises(WrittenAtHomeError, match="还没有提交"):
        operations.start(**by_daughter)
    now = {"matter_id": matter.pk, "on": DAY, "at": at(DAY)}
    operations.hand_in(actor=me, answers=TYPED, **now)
    operations.request_correction(actor=station, corrections={"left_on": "日期不对"}, **now)
    assert operations.start(**by_daughter) == matter
    operations.hand_in(actor=station, answers=TYPED, **now)
    matter.refresh_from_db()
    assert (matter.authority, matter.state) == (given, "submitted")
    assert given.uses.order_by("-pk")[0].act == "correct"
