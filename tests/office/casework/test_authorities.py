"""A relative acts for a resident: by an authority that is proved, for its time, until the resident ends it, and never before themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from jiuye.office.casework import operations
from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.authorities import (
    AcceptedByHolderError,
    AuthorityEndedError,
    AuthorityNotFoundError,
    HolderActsError,
    authorities_in_force,
)
from jiuye.office.casework.corrections import points_of
from jiuye.office.casework.erasing import HOLDER_ERASED
from jiuye.office.casework.models import Authority, AuthorityUse, Case
from jiuye.office.casework.operations.authorizing import (
    AlreadyWithdrawnError,
    AuthorityRefusedError,
    NotSpokenForError,
)
from jiuye.office.casework.papers import FileRefusedError
from jiuye.office.casework.queries import one_case
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.messages.models import Message
from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account, LookRecord
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.office.staff.retention import erase_expired, expired
from jiuye.office.staff.rows import scope_of, scoped
from tests.office.authorities import DAUGHTER, authority
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person
from tests.office.places import OTHER_VILLAGE


@pytest.fixture(autouse=True)
def _papers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def given(caseworker, person) -> Authority:
    return authority(caseworker, person, on=DAY)


def confirm(actor, entitlement, given, rules, on=DAY, **more) -> Case:
    return operations.confirm_relative(
        actor=actor,
        entitlement_id=entitlement.pk,
        authority_id=given.pk,
        rules=rules,
        on=on,
        at=at(on),
        **more,
    )


def end(actor, given, on=DAY, note="") -> Authority:
    return operations.withdraw_authority(actor=actor, authority_id=given.pk, note=note, on=on, at=at(on))


def test_a_relative_asks_for_a_subsidy_and_the_case_says_by_whom_and_by_what(
    caseworker, entitlement, given, rules
):
    case = confirm(caseworker, entitlement, given, rules)
    assert (case.confirmed_by_way, case.authority) == ("relative", given)
    event = case.timeline.get(act="confirm_relative")
    assert event.details == {"authority": given.pk, "holder": "张**", "relation": "child"}
    use = given.uses.get()
    assert (use.about, use.number, use.act, use.before_name) == (
        f"case:{case.pk}", case.number, "confirm_relative", "王经办",
    )  # fmt: skip


def test_the_holders_name_and_number_are_sealed_in_every_version(given):
    version = Authority.pgh_event_model.objects.get()
    assert (version.holder_name, version.holder_id_number) == ("张小兰", DAUGHTER)
    raw = Authority.objects.extra(select={"raw": "holder_name || holder_id_number"}).get().raw
    assert "张小兰".encode() not in bytes(raw)
    assert DAUGHTER.encode() not in bytes(raw)


def test_an_authority_is_of_one_resident_and_speaks_for_no_other(caseworker, entitlement, given, rules):
    another = authority(caseworker, make_person("李桂芳", number="321002198001010028"), on=DAY)
    with pytest.raises(AuthorityNotFoundError):
        confirm(caseworker, entitlement, another, rules)
    assert not Case.objects.exists()


@pytest.mark.parametrize(("days", "words"), [(30, "2025-07-08 已到期"), (-1, "从 2025-06-09 起才有效")])
def test_outside_its_days_it_refuses_and_says_why_and_what_to_do(
    caseworker, entitlement, given, rules, days, words
):
    on = DAY + timedelta(days=days)
    with pytest.raises(AuthorityEndedError, match=words) as refused:
        confirm(caseworker, entitlement, given, rules, on=on)
    assert "请改由本人到场办理" in str(refused.value)
    assert authorities_in_force(entitlement.person_id, on=on) == []
    assert authorities_in_force(entitlement.person_id, on=DAY) == [given]


def test_on_its_last_day_it_still_holds(caseworker, entitlement, given, rules):
    assert confirm(caseworker, entitlement, given, rules, on=DAY + timedelta(days=29)).authority == given


def test_with_the_residents_death_it_ends(caseworker, entitlement, given, rules, person):
    person.death_date = DAY
    person.save(update_fields=["death_date"])
    with pytest.raises(AuthorityEndedError, match="去世"):
        confirm(caseworker, entitlement, given, rules)


def test_the_resident_ends_it_without_a_reason_and_what_was_done_stays(
    caseworker, owner, entitlement, given, rules
):
    case = confirm(caseworker, entitlement, given, rules)
    end(owner, given)
    with pytest.raises(AuthorityEndedError, match="已于 2025-06-09 终止"):
        operations.withdraw(actor=caseworker, case_id=case.pk, note="不要了", on=DAY, at=at(DAY))
    assert (Case.objects.get().state, AuthorityUse.objects.count()) == ("confirmed", 1)
    with pytest.raises(AlreadyWithdrawnError):
        end(owner, given)
    # Herself she goes on as ever, and nothing of it is said to be the relative's.
    operations.withdraw(actor=owner, case_id=case.pk, note="不要了", on=DAY, at=at(DAY))
    assert "authority" not in case.timeline.get(act="withdraw").details


def test_at_the_counter_it_is_ended_with_a_reason_and_by_nobody_elsewhere(caseworker, given, divisions):
    with pytest.raises(WordsMissingError):
        end(caseworker, given)
    with pytest.raises(NotPermittedError):
        end(make_officer("外区经办", "caseworker", OTHER_VILLAGE[:6]), given, note="本人来电")
    assert end(caseworker, given, note="本人来电").withdrawn_because == "本人来电"


def test_another_resident_learns_nothing_of_it(given, divisions):
    from tests.office.matters.conftest import resident

    stranger = resident(make_person("李桂芳", number="321002198001010028"))
    with pytest.raises(AuthorityNotFoundError):
        end(stranger, given)
    with pytest.raises(AuthorityNotFoundError):
        operations.read_authority_file(actor=stranger, authority_id=given.pk, purpose="看看", at=at(DAY))


def test_the_proof_is_read_by_its_resident_freely_and_by_an_officer_with_a_purpose(caseworker, owner, given):
    name, kind, body = operations.read_authority_file(
        actor=owner, authority_id=given.pk, purpose="", at=at(DAY)
    )
    assert (name, kind, body[:5]) == ("授权委托书.pdf", "application/pdf", b"%PDF-")
    with pytest.raises(PurposeMissingError):
        operations.read_authority_file(actor=caseworker, authority_id=given.pk, purpose=" ", at=at(DAY))
    assert not LookRecord.objects.exists()
    operations.read_authority_file(actor=caseworker, authority_id=given.pk, purpose="核对授权", at=at(DAY))
    assert LookRecord.objects.get().field == "authority"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"content": b"no file"}, FileRefusedError),
        ({"holder_name": " "}, AuthorityRefusedError),
        ({"holder_id_number": "321002200207010040"}, AuthorityRefusedError),
        ({"holder_id_number": "321002197803050029"}, AuthorityRefusedError),  # her own
        ({"relation": "friend"}, AuthorityRefusedError),
        ({"until": DAY}, AuthorityRefusedError),
        ({"start": DAY - timedelta(days=9), "until": DAY}, AuthorityRefusedError),
        ({"holder_name": "王经办"}, HolderActsError),
    ],
)
def test_what_does_not_hold_together_is_not_put_on_record(caseworker, person, changes, error):
    with pytest.raises(error):
        authority(caseworker, person, on=DAY, **changes)
    assert not Authority.objects.exists()


def test_whoever_may_be_the_relative_neither_takes_it_in_nor_accepts_it(
    caseworker, entitlement, person, rules
):
    daughter = make_officer("张小兰", "caseworker", "321002001")
    given = authority(caseworker, person, on=DAY)
    with pytest.raises(HolderActsError):
        confirm(daughter, entitlement, given, rules)
    case = confirm(caseworker, entitlement, given, rules)
    with pytest.raises(HolderActsError, match="请由同一窗口的另一位人员办理"):
        operations.accept(actor=daughter, case_id=case.pk, on=DAY, at=at(DAY))
    # Below the operations the database holds it too.
    with pytest.raises(IntegrityError, match="受理人不能是本人授权代办的亲属"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(accepted_by_id=daughter.account_id)
    assert operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY)).state == "accepted"


def test_the_database_knows_the_relative_also_after_the_resident_moved_to_another_county(
    caseworker, entitlement, person, rules
):
    daughter = make_officer("张小兰", "caseworker", "321002001")
    case = confirm(caseworker, entitlement, authority(caseworker, person, on=DAY), rules)
    person.residence_division_id = OTHER_VILLAGE
    person.save(update_fields=["residence_division"])
    mine = Case.objects.filter(pk=case.pk)
    with scoped(scope_of(daughter)):
        # The authority hangs on the resident, whose rows are no longer the county's; the case still is.
        assert (Authority.objects.exists(), mine.exists()) == (False, True)
        with pytest.raises(IntegrityError, match="受理人不能是本人授权代办的亲属"), transaction.atomic():
            mine.update(accepted_by_id=daughter.account_id)
    with scoped(scope_of(caseworker)):
        mine.update(accepted_by_id=caseworker.account_id)


def test_whoever_may_be_the_relative_decides_nothing_in_it_also_after_the_resident_spoke_for_themselves(
    caseworker, entitlement, person, rules, reviewer
):
    daughter = make_officer("张小兰", "caseworker", "321002001")
    case = confirm(caseworker, entitlement, authority(caseworker, person, on=DAY), rules)
    speak = {"case_id": case.pk, "authority_id": None, "on": DAY, "at": at(DAY)}
    with pytest.raises(HolderActsError):
        operations.change_speaker(actor=daughter, **speak)
    operations.change_speaker(actor=caseworker, **speak)
    with pytest.raises(HolderActsError):
        operations.accept(actor=daughter, case_id=case.pk, on=DAY, at=at(DAY))
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    namesake = make_officer("张小兰", "reviewer", "321002", username="张小兰审核")
    with pytest.raises(HolderActsError):
        operations.review(actor=namesake, case_id=case.pk, note="", on=DAY, at=at(DAY))
    assert operations.review(actor=reviewer, case_id=case.pk, note="", on=DAY, at=at(DAY)).state == "reviewed"


@pytest.mark.parametrize("days", [0, 30])
def test_whoever_may_be_a_relative_on_record_does_not_begin_for_the_resident_as_a_plain_officer_either(
    caseworker, entitlement, person, rules, given, days
):
    daughter = make_officer("张小兰", "caseworker", "321002001")
    end(caseworker, given, note="本人来电")
    behalf = {
        "entitlement_id": entitlement.pk,
        "note": "母亲来电委托",
        "rules": rules,
        "on": DAY + timedelta(days=days),
        "at": at(DAY),
    }
    with pytest.raises(HolderActsError, match="窗口没有别人的，由上一级窗口办理"):
        operations.confirm_on_behalf(actor=daughter, **behalf)
    with pytest.raises(HolderActsError):
        authority(daughter, person, on=DAY, holder_name="张小梅", relation="sibling")
    case = operations.confirm_on_behalf(actor=caseworker, **behalf)
    with pytest.raises(HolderActsError):
        operations.accept(actor=daughter, case_id=case.pk, on=DAY, at=at(DAY))
    with pytest.raises(HolderActsError):
        operations.withdraw(actor=daughter, case_id=case.pk, note="不要了", on=DAY, at=at(DAY))


def test_of_another_resident_a_namesake_may_do_everything(caseworker, entitlement, given, rules):
    namesake = make_officer("张小兰", "caseworker", "321002001")
    other = make_entitlement(make_person("李桂芳", number="321002198001010028"))
    case = operations.confirm_on_behalf(
        actor=namesake, entitlement_id=other.pk, note="本人来电", rules=rules, on=DAY, at=at(DAY)
    )
    assert operations.accept(actor=namesake, case_id=case.pk, on=DAY, at=at(DAY)).state == "accepted"


def test_what_a_relative_has_accepted_before_is_not_handed_to_their_own_authority(
    caseworker, entitlement, person, rules
):
    daughter = make_officer("张小兰", "caseworker", "321002001")
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=entitlement.pk, note="本人来电", rules=rules, on=DAY, at=at(DAY)
    )
    operations.accept(actor=daughter, case_id=case.pk, on=DAY, at=at(DAY))
    given = authority(caseworker, person, on=DAY)
    speak = {"actor": caseworker, "case_id": case.pk, "on": DAY, "at": at(DAY)}
    with pytest.raises(AcceptedByHolderError, match="由另一位亲属持授权代办"):
        operations.change_speaker(authority_id=given.pk, **speak)
    with pytest.raises(IntegrityError, match="受理人不能是"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(authority=given)
    sister = authority(caseworker, person, on=DAY, holder_name="张小梅", relation="sibling")
    assert operations.change_speaker(authority_id=sister.pk, **speak).authority == sister


def test_no_case_is_a_relatives_without_an_authority(caseworker, entitlement, given, rules):
    case = confirm(caseworker, entitlement, given, rules)
    case.pk = None
    case.authority = None
    with pytest.raises(DatabaseError, match="必须凭登记的授权"), transaction.atomic():
        case.save(force_insert=True)


def test_a_use_once_written_stays_and_an_authority_is_not_deleted(caseworker, entitlement, given, rules):
    confirm(caseworker, entitlement, given, rules)
    for rows in (AuthorityUse.objects.all(), Authority.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_the_resident_comes_herself_and_the_counter_goes_on_without_the_relative(
    caseworker, owner, entitlement, given, rules
):
    case = confirm(caseworker, entitlement, given, rules)
    end(owner, given)
    operations.change_speaker(actor=caseworker, case_id=case.pk, authority_id=None, on=DAY, at=at(DAY))
    operations.withdraw(actor=caseworker, case_id=case.pk, note="本人到窗口", on=DAY, at=at(DAY))
    assert "authority" not in case.timeline.get(act="withdraw").details
    assert Case.objects.get().confirmed_by_way == "relative"  # as it was confirmed
    with pytest.raises(NotSpokenForError):
        operations.change_speaker(actor=caseworker, case_id=case.pk, authority_id=None, on=DAY, at=at(DAY))


def test_a_relative_takes_over_what_the_resident_began_and_each_act_leaves_its_mark(
    caseworker, owner, entitlement, given, rules
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    operations.change_speaker(actor=caseworker, case_id=case.pk, authority_id=given.pk, on=DAY, at=at(DAY))
    operations.withdraw(actor=caseworker, case_id=case.pk, note="女儿来说不要了", on=DAY, at=at(DAY))
    assert list(given.uses.order_by("pk").values_list("act", flat=True)) == ["change_speaker", "withdraw"]
    assert case.timeline.get(act="withdraw").details["holder"] == "张**"


@pytest.mark.django_db(transaction=True)
def test_an_authority_that_is_over_loses_its_holder_and_its_file_after_its_time_and_not_where_a_subsidy_rests_on_it(
    caseworker, entitlement, person, rules
):
    import os
    from pathlib import Path

    make_officer("张小兰", "reviewer", "321002")
    unused = authority(caseworker, person, on=DAY)
    used = authority(caseworker, person, on=DAY, holder_name="张小梅", relation="sibling")
    confirm(caseworker, entitlement, used, rules)
    for path in Path(settings.MEDIA_ROOT).rglob("*.sealed"):
        os.utime(path, (at(DAY).timestamp(), at(DAY).timestamp()))
    term = timedelta(days=access().retention["ended_authorities"].days)
    assert expired(at=at(unused.until) + term)["ended_authorities"] == 0
    later = at(unused.until) + term + timedelta(days=1)
    assert erase_expired(at=later)["ended_authorities"] == 1
    unused.refresh_from_db()
    assert (unused.holder_name, unused.holder_id_number, unused.file_digest) == (HOLDER_ERASED, "", "")
    versions = Authority.pgh_event_model.objects.filter(pgh_obj_id=unused.pk)
    assert {(row.holder_name, row.holder_id_number) for row in versions} == {(HOLDER_ERASED, "")}
    # Neither by the key of the name nor by which officers bore it.
    assert {(row.holder_key, *row.holder_accounts) for row in [unused, *versions]} == {("",)}
    used.refresh_from_db()
    assert used.holder_name == "张小梅"
    # The same file proves the other one, which is kept.
    assert operations.read_authority_file(actor=caseworker, authority_id=used.pk, purpose="查", at=at(DAY))
    assert erase_expired(at=later)["ended_authorities"] == 0


def test_the_resident_is_told_at_once_of_an_authority_that_was_put_on_record(given, person):
    told = Message.objects.get(occasion="authority_recorded")
    assert (told.person_id, told.key) == (person.pk, f"authority:{given.pk}")
    for words in ("您的子女张**", "谁可以代我办事", "2025年"):
        assert words in told.body
    assert "张小兰" not in told.body


def test_whoever_may_be_the_relative_sends_nothing_back_settles_no_objection_and_looks_at_no_account(
    caseworker, entitlement, person, rules, reviewer
):
    case = confirm(caseworker, entitlement, authority(caseworker, person, on=DAY), rules)
    day = {"on": DAY, "at": at(DAY)}
    operations.accept(actor=caseworker, case_id=case.pk, **day)
    namesake = make_officer("张小兰", "reviewer", "321002")
    point = points_of(case, rules)[0].key
    with pytest.raises(HolderActsError):
        operations.request_correction(
            actor=namesake, case_id=case.pk, corrections={point: "不清楚"}, rules=rules, **day
        )
    for act in (operations.refresh_payee, operations.confirm_account):
        with pytest.raises(HolderActsError):
            act(actor=namesake, case_id=case.pk, note="问过母亲", **day)
    operations.review(actor=reviewer, case_id=case.pk, **day)
    operations.publicise(actor=reviewer, case_id=case.pk, **day)
    objection = operations.object_to(
        actor=caseworker, case_id=case.pk, raised_by_name="李四", contact="", text="她在上班", **day
    )
    with pytest.raises(HolderActsError):
        operations.resolve_objection(
            actor=namesake, objection_id=objection.pk, upheld=False, resolution="没有的事", **day
        )


def test_the_page_offers_a_relative_nothing_that_would_be_refused_and_says_why(
    caseworker, entitlement, person, rules, reviewer, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    make_officer("张小兰", "caseworker", "321002001")
    namesake, other = Client(), Client()
    namesake.force_login(Account.objects.get(display_name="张小兰"))
    other.force_login(Account.objects.get(pk=caseworker.account_id))
    given = authority(caseworker, person, on=DAY)
    found, resident = f"/desk/found/{entitlement.pk}/", f"/desk/people/{person.pk}/"
    for page, offered in ((found, f"{found}confirm/"), (resident, "开始办")):
        assert offered in other.get(page).text
        shown = namesake.get(page).text
        assert offered not in shown
        assert "为回避亲属关系" in shown
    case = confirm(caseworker, entitlement, given, rules)
    daughter = actor_for(Account.objects.get(display_name="张小兰"), on=DAY)
    seen, theirs = (one_case(actor, case.pk, on=DAY) for actor in (caseworker, daughter))
    assert (bool(seen.acts), seen.not_theirs) == (True, "")
    assert theirs.acts == []
    assert "为回避亲属关系" in theirs.not_theirs
