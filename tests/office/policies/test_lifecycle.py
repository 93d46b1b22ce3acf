"""From a draft to a publication: kept with its mistakes, read by another, published as it was read, never edited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.office.policies import operations, queries
from jiuye.office.policies.checking import check_texts
from jiuye.office.policies.models import Draft, DraftFile, Publication, Review
from jiuye.office.policies.operations.drafting import (
    ChangedMeanwhileError,
    DraftClosedError,
    NotAFileError,
    NothingChangedError,
    NotTheAuthorError,
    UnkeepableTextError,
    UnsoundDraftError,
)
from jiuye.office.policies.operations.reviewing import OwnDraftError, StaleDraftError, TooEarlyError
from jiuye.office.policies.states import DRAFT_LEVELS, DRAFT_STATES, NoteMissingError, WrongDraftStateError
from jiuye.office.policies.texts import hash_of
from jiuye.office.staff.queries import NotPermittedError
from tests.office.policies.conftest import (
    AT,
    FILE,
    ON,
    PARAMETERS,
    POLICY,
    approved,
    changed,
    drafted,
    officer,
    with_share,
)

pytestmark = pytest.mark.django_db


def test_a_draft_begins_with_what_stands_and_keeps_what_is_typed_mistakes_and_all(pack, writer):
    draft = operations.start_draft(actor=writer, title="提高比例", paths=[FILE, PARAMETERS], at=AT)
    assert {file.path: file.text == file.base_text for file in draft.files.order_by("path")} == {
        FILE: True,
        PARAMETERS: True,
    }
    broken = changed(pack, "test: flexible_registered\n", "test: flexibel_registered\n")
    operations.save_draft(
        actor=writer, draft_id=draft.pk, path=FILE, text=broken.replace("\n", "\r\n"), at=AT
    )
    assert draft.files.get(path=FILE).text == broken
    checked = check_texts(operations.texts_of_draft(draft))
    (problem,) = checked.of_file(FILE)
    assert (problem.code, problem.place.line) == ("unknown-name", 66)
    assert "flexible_registered" in problem.zh
    assert not checked.sound
    with pytest.raises(UnsoundDraftError, match="1 处错误"):
        operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)


def test_a_draft_whose_cases_no_longer_come_out_is_not_handed_in(pack, writer):
    text = changed(pack, "{value: 0.5, source: changzhou-2022}", "{value: 0.6, source: changzhou-2022}")
    draft = drafted(writer, text)
    checked = check_texts(operations.texts_of_draft(draft))
    assert not checked.problems.errors
    assert checked.policies == (POLICY,)
    assert any("728.03" in failure.zh for failure in checked.failures)
    with pytest.raises(UnsoundDraftError, match="个案例不符"):
        operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)


def test_a_draft_that_says_what_stands_is_not_handed_in(writer):
    draft = operations.start_draft(actor=writer, title="没有改动", paths=[FILE], at=AT)
    with pytest.raises(NothingChangedError):
        operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)


def test_a_new_policy_begins_as_a_skeleton_that_is_sound(writer):
    draft = operations.start_draft(actor=writer, title="新政策", paths=["policies/new-allowance.yaml"], at=AT)
    checked = check_texts(operations.texts_of_draft(draft))
    assert [problem.render() for problem in checked.problems.errors] == []
    assert checked.failures == ()
    assert checked.policies == ("new-allowance",)
    with pytest.raises(NotAFileError):
        operations.add_file(actor=writer, draft_id=draft.pk, path="../settings.py", at=AT)


def test_only_the_author_writes_and_what_was_saved_elsewhere_is_not_overwritten(pack, writer):
    draft = drafted(writer, with_share(pack))
    other = officer("别人", "policy_officer")
    with pytest.raises(NotTheAuthorError, match="江雪"):
        operations.save_draft(actor=other, draft_id=draft.pk, path=FILE, text="x", at=AT)
    with pytest.raises(NotPermittedError):
        operations.start_draft(actor=officer("经办", "caseworker"), title="x", paths=[FILE], at=AT)
    with pytest.raises(ChangedMeanwhileError):
        operations.save_draft(actor=writer, draft_id=draft.pk, path=FILE, text="x", revision=0, at=AT)
    with pytest.raises(UnkeepableTextError):
        operations.save_draft(actor=writer, draft_id=draft.pk, path=FILE, text="a\0b", at=AT)


def test_nobody_reviews_or_publishes_what_they_wrote(pack, writer, reviewer):
    draft = drafted(writer, with_share(pack))
    operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
    with pytest.raises(NotPermittedError):
        operations.approve_draft(actor=writer, draft_id=draft.pk, at=AT)
    # Somebody who holds both posts is still the same person.
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.operations import place_in_post
    from jiuye.office.staff.queries import actor_for

    account = Account.objects.get(pk=writer.account_id)
    place_in_post(account=account, role="policy_reviewer", division_code="3210", start=ON, until=None)
    both = actor_for(account, on=ON)
    with pytest.raises(OwnDraftError):
        operations.approve_draft(actor=both, draft_id=draft.pk, at=AT)
    operations.approve_draft(actor=reviewer, draft_id=draft.pk, at=AT)
    with pytest.raises(OwnDraftError):
        operations.publish_draft(actor=both, draft_id=draft.pk, effective_on=ON, on=ON, at=AT)


def test_the_database_itself_refuses_the_author_as_reviewer_or_publisher(pack, writer, reviewer):
    draft = approved(writer, reviewer, with_share(pack))
    with pytest.raises(IntegrityError, match="review_is_by_another_person"), transaction.atomic():
        Review.objects.create(
            draft=draft, author_id=writer.account_id, reviewer_id=writer.account_id, verdict="approved",
            content_hash="x", reviewed_at=AT,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="review_names_the_author"), transaction.atomic():
        Review.objects.create(
            draft=draft, author_id=reviewer.account_id, reviewer_id=writer.account_id, verdict="approved",
            content_hash="x", reviewed_at=AT,
        )  # fmt: skip
    texts = operations.texts_of_draft(draft)

    def published(**more) -> Publication:
        values = {
            "draft": draft, "title": "x", "files": texts, "content_hash": hash_of(texts), "version": "v",
            "effective_on": ON, "written_by_id": writer.account_id, "reviewed_by_id": reviewer.account_id,
            "published_by_id": reviewer.account_id, "published_on": ON, "published_at": AT,
        }  # fmt: skip
        with transaction.atomic():
            return Publication.objects.create(**(values | more))

    for more, name in (
        ({"published_by_id": writer.account_id}, "publication_publisher_is_another_person"),
        ({"content_hash": "other"}, "publication_is_what_was_reviewed"),
        ({"reviewed_by_id": writer.account_id}, "publication_"),
        ({"effective_on": ON - timedelta(days=1)}, "publication_not_before_its_day"),
    ):
        with pytest.raises(IntegrityError, match=name):
            published(**more)
    assert published().pk


def test_what_is_under_review_does_not_change_and_a_return_says_why(pack, writer, reviewer):
    draft = drafted(writer, with_share(pack))
    operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
    with pytest.raises(DraftClosedError):
        operations.save_draft(actor=writer, draft_id=draft.pk, path=FILE, text="x", at=AT)
    with pytest.raises(DatabaseError, match="送审以后"), transaction.atomic():
        DraftFile.objects.filter(draft=draft).update(text="x")
    with pytest.raises(NoteMissingError):
        operations.return_draft(actor=reviewer, draft_id=draft.pk, note=" ", at=AT)
    operations.return_draft(actor=reviewer, draft_id=draft.pk, note="请补上文件日期", at=AT)
    draft.refresh_from_db()
    assert draft.state == "returned"
    operations.save_draft(actor=writer, draft_id=draft.pk, path=FILE, text=with_share(pack), at=AT)
    operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
    operations.approve_draft(actor=reviewer, draft_id=draft.pk, at=AT)
    with pytest.raises(WrongDraftStateError, match="审核通过，待公布"):
        operations.approve_draft(actor=reviewer, draft_id=draft.pk, at=AT)
    assert [review.verdict for review in draft.reviews.order_by("pk")] == ["returned", "approved"]


def test_a_state_is_reached_only_along_the_table(pack, writer):
    draft = drafted(writer, with_share(pack))
    with pytest.raises(DatabaseError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(state="published")
    assert set(DRAFT_LEVELS) == set(DRAFT_STATES)


def test_a_publication_and_its_review_are_never_edited(pack, writer, reviewer):
    draft = approved(writer, reviewer, with_share(pack))
    publication = operations.publish_draft(
        actor=reviewer, draft_id=draft.pk, effective_on=ON + timedelta(days=20), on=ON, at=AT
    )
    draft.refresh_from_db()
    assert draft.state == "published"
    assert publication.policies == [POLICY]
    for act in (
        lambda: Publication.objects.filter(pk=publication.pk).update(effective_on=ON),
        lambda: Publication.objects.filter(pk=publication.pk).delete(),
        lambda: Review.objects.filter(draft=draft).update(note="改"),
        lambda: DraftFile.objects.filter(draft=draft).update(text="改"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_day_in_the_past_is_too_early_and_a_second_publication_does_not_undo_the_first(
    pack, writer, reviewer
):
    first = drafted(writer, with_share(pack))
    second = drafted(writer, with_share(pack).replace("value: 24,", "value: 30,").replace(
        "graduate_subsidy_months_drawn: 24}", "graduate_subsidy_months_drawn: 30}"
    ))  # fmt: skip
    for draft in (first, second):
        operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
        operations.approve_draft(actor=reviewer, draft_id=draft.pk, at=AT)
    later = ON + timedelta(days=40)
    with pytest.raises(TooEarlyError, match=ON.isoformat()):
        operations.publish_draft(
            actor=reviewer, draft_id=first.pk, effective_on=ON - timedelta(days=1), on=ON, at=AT
        )
    operations.publish_draft(actor=reviewer, draft_id=first.pk, effective_on=later, on=ON, at=AT)
    with pytest.raises(StaleDraftError, match=POLICY):
        operations.publish_draft(actor=reviewer, draft_id=second.pk, effective_on=later, on=ON, at=AT)
    # A draft begun now builds on what was published, and cannot hold before it.
    third = operations.start_draft(actor=writer, title="再改", paths=[FILE], at=AT)
    assert third.files.get().text == with_share(pack)
    from jiuye.office.policies.operations.reviewing import earliest_day

    assert earliest_day({FILE: ""}, ON) == later


def test_a_patch_of_what_was_published_makes_the_pack_say_it(pack, writer, reviewer, tmp_path):
    import subprocess

    draft = approved(writer, reviewer, with_share(pack))
    publication = operations.publish_draft(actor=reviewer, draft_id=draft.pk, effective_on=ON, on=ON, at=AT)
    text = queries.publication_patch(actor=reviewer, publication=publication)
    root = tmp_path / "repository"
    target = root / "plans" / pack.name / "policies"
    target.mkdir(parents=True)
    (target / f"{POLICY}.yaml").write_text((pack / FILE).read_text(encoding="utf-8"), encoding="utf-8")
    (root / "x.patch").write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "apply", "x.patch"], cwd=root, check=True)
    assert (target / f"{POLICY}.yaml").read_text(encoding="utf-8") == with_share(pack)
    (pack / FILE).write_text(with_share(pack), encoding="utf-8")
    assert queries.publication_patch(actor=reviewer, publication=publication) == ""


def test_each_sees_what_they_may_do_with_a_draft_now(pack, writer, reviewer):
    draft = drafted(writer, with_share(pack))

    def acts(actor):
        draft.refresh_from_db()
        return [row.act for row in queries.draft_acts(actor=actor, draft=draft)]

    assert (acts(writer), acts(reviewer)) == (["submit", "discard"], [])
    operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
    assert (acts(writer), acts(reviewer)) == ([], ["return", "approve"])
    operations.approve_draft(actor=reviewer, draft_id=draft.pk, at=AT)
    assert (acts(writer), acts(reviewer)) == ([], ["return", "publish"])
