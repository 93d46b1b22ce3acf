"""What is published comes into force on its day and is decided by at once; what does not load never takes the rules down."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from jiuye.office.entitlements import operations as entitlements
from jiuye.office.entitlements import queries as decisions
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.publishing import bring_into_force, publish_and_apply
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.policies import book, queries
from jiuye.office.policies.book import book_in_force
from jiuye.office.policies.models import BookVersion, Effect, PolicyVersion
from jiuye.office.policies.operations import publish_draft
from jiuye.office.policies.queries.standing import endings
from jiuye.portals.workbench.presenting import ending_rows
from tests.office.policies.conftest import (
    AT,
    FILE,
    ON,
    POLICY,
    approved,
    changed,
    officer,
    with_share,
)

pytestmark = pytest.mark.django_db


def kept(person, *, period: date = date(2025, 4, 1)) -> Entitlement:
    return Entitlement.objects.get(policy_id=POLICY, subject_key=str(person.pk), period_start=period)


def write(path, text: str) -> None:
    """Write a file so that its change is seen, however quick the test is."""
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_a_publication_of_today_changes_what_a_resident_is_shown(pack, writer, reviewer, flexible_worker):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    before = kept(flexible_worker)
    assert (before.verdict, before.amount_fen) == ("yes", 60_000)
    draft = approved(writer, reviewer, with_share(pack))
    publish_and_apply(actor=reviewer, draft_id=draft.pk, effective_on=ON, on=ON, at=AT)
    after = kept(flexible_worker)
    assert (after.verdict, after.amount_fen) == ("yes", 72_000)
    assert after.rule_version != before.rule_version
    page = decisions.overview(recipient_kind="person", recipient_id=flexible_worker.pk, on=ON)
    (found,) = [found for found in page.can_get if found.policy.id == POLICY]
    assert found.explanation.amount_fen == 72_000
    # Both versions can be shown: the one that decided before, and the one that decides now.
    viewer = officer("经办", "caseworker")
    for row, share in ((before, "0.5"), (after, "0.6")):
        shown = queries.archived_policy(actor=viewer, policy_id=POLICY, version=row.rule_version)
        assert shown.intact
        assert f"value: {share}, source: changzhou-2022" in shown.texts[FILE]
        assert shown.policy.clauses[0].law


def test_a_publication_of_a_later_day_waits_for_it(pack, writer, reviewer, flexible_worker):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    draft = approved(writer, reviewer, with_share(pack))
    day = ON + timedelta(days=10)
    publish_and_apply(actor=reviewer, draft_id=draft.pk, effective_on=day, on=ON, at=AT)
    assert kept(flexible_worker).amount_fen == 60_000
    assert bring_into_force(actor=None, on=day - timedelta(days=1), at=AT).effects == ()
    (effect,) = bring_into_force(actor=None, on=day, at=AT).effects
    assert effect.policies == [POLICY]
    assert kept(flexible_worker).amount_fen == 72_000
    assert bring_into_force(actor=None, on=day, at=AT).effects == ()
    with pytest.raises(DatabaseError), transaction.atomic():
        Effect.objects.update(on_date=ON)


def test_the_database_lets_no_publication_into_force_before_its_day(pack, writer, reviewer):
    draft = approved(writer, reviewer, with_share(pack))
    publication = publish_draft(
        actor=reviewer, draft_id=draft.pk, effective_on=ON + timedelta(days=10), on=ON, at=AT
    )
    with pytest.raises(DatabaseError, match="施行日期以前"), transaction.atomic():
        Effect.objects.create(publication=publication, on_date=ON, at=AT, version="x")


def test_a_draft_full_of_mistakes_touches_nothing_in_force(pack, writer, flexible_worker):
    from jiuye.office.policies import operations

    entitlements.run_sweep(actor=None, on=ON, at=AT)
    version = rulebook().pack.version
    draft = operations.start_draft(actor=writer, title="坏的", paths=[FILE], at=AT)
    operations.save_draft(actor=writer, draft_id=draft.pk, path=FILE, text="conditions: {", at=AT)
    assert rulebook().pack.version == version
    entitlements.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    assert kept(flexible_worker).amount_fen == 60_000


def test_a_publication_that_no_longer_loads_stays_out_and_the_sound_rules_stay(
    pack, writer, reviewer, flexible_worker
):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    draft = approved(writer, reviewer, with_share(pack))
    publish_draft(actor=reviewer, draft_id=draft.pk, effective_on=ON, on=ON, at=AT)
    # Between publication and its day, the pack's vocabulary loses a fact that the policy reads.
    facts = pack / "facts.yaml"
    sound = facts.read_text(encoding="utf-8")
    write(facts, sound.replace("      flexible_registered: ", "      flexible_registered_renamed: "))
    tried = bring_into_force(actor=None, on=ON, at=AT)
    assert (tried.effects, len(tried.refused)) == ((), 1)
    page = queries.overview(actor=reviewer, on=ON)
    assert page.book.origin == "kept"
    assert any("flexible_registered" in problem.zh for problem in page.troubles)
    assert [row.title for row in page.waiting] == [draft.title]
    entitlements.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    assert kept(flexible_worker).amount_fen == 60_000
    write(facts, sound + "\n")
    assert len(bring_into_force(actor=None, on=ON, at=AT).effects) == 1
    assert queries.overview(actor=reviewer, on=ON).book.origin == "files"
    assert kept(flexible_worker).amount_fen == 72_000


def test_after_a_start_the_archive_holds_the_last_sound_rules(
    pack, writer, reviewer, flexible_worker, monkeypatch
):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    draft = approved(writer, reviewer, with_share(pack))
    publish_and_apply(actor=reviewer, draft_id=draft.pk, effective_on=ON, on=ON, at=AT)
    version = rulebook().pack.version
    write(pack / "facts.yaml", "enums: {")
    monkeypatch.setattr(book, "_books", {})  # another process: nothing is kept in it
    found = book_in_force()
    assert found.origin == "archive"
    assert found.problems.errors
    assert found.pack.version == version
    entitlements.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    assert kept(flexible_worker).amount_fen == 72_000


def test_without_a_sound_pack_anywhere_the_mistakes_are_said(pack, monkeypatch):
    from jiuye.engine.rules.pack import BrokenPackError

    write(pack / "facts.yaml", "enums: {")
    with pytest.raises(BrokenPackError, match=r"facts\.yaml"):
        book_in_force()


def test_every_version_that_decided_is_kept_once_and_for_good(pack, flexible_worker):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    entitlements.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    assert PolicyVersion.objects.filter(policy_id=POLICY).count() == 1
    assert BookVersion.objects.count() == 1
    assert PolicyVersion.objects.filter(policy_id=POLICY, version=kept(flexible_worker).rule_version).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.update(version="x")


def ending_of(name, pack, on):
    """What is announced of one policy or parameter: others of the pack may have run out long ago."""
    return [item for item in endings(pack, on) if item.name == name]


def test_a_rule_that_runs_out_is_announced_sixty_days_ahead_and_on_the_day_nobody_can_be_told(
    pack, writer, reviewer, flexible_worker
):
    entry = "{value: 0.5, source: changzhou-2022}"
    text = changed(pack, entry, f"{entry}\n      2025-05-01: {{unset: 2025年的比例还没有公布}}")
    # The cases of that day and later cannot be told any more.
    head, *cases = text.split("\n  - name: ")
    cases = [
        case.split("    expect:")[0] + "    expect: {verdict: unknown}"
        if re.search(r"on: (202[5-9]-(0[5-9]|1)|202[6-9])", case) and "verdict: no" not in case
        else case
        for case in cases
    ]
    draft = approved(writer, reviewer, "\n  - name: ".join([head, *cases]) + "\n")
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    publish_and_apply(actor=reviewer, draft_id=draft.pk, effective_on=ON, on=ON, at=AT)
    assert kept(flexible_worker).amount_fen == 60_000
    first = date(2025, 5, 1)
    assert not ending_of("share", rulebook().pack, first - timedelta(days=61))
    (ending,) = ending_of("share", rulebook().pack, first - timedelta(days=60))
    assert (ending.kind, ending.name, ending.last) == ("parameter", "share", date(2025, 4, 30))
    assert [policy.id for policy in ending.policies] == [POLICY]
    assert ending.reason == "2025年的比例还没有公布"
    # On the day itself: no outage, and no payment either.
    entitlements.run_sweep(actor=None, on=first, at=AT)
    told = kept(flexible_worker, period=first)
    assert (told.verdict, told.amount_fen) == ("unknown", None)
    # What has run out stays on the officer's page until somebody sets it again.
    (over,) = ending_of("share", rulebook().pack, first + timedelta(days=200))
    assert over.last == date(2025, 4, 30)
    (row,) = ending_rows([over], first)
    assert row.level == "bad"
    assert "2025年5月1日 起没有规定" in row.sentence
    page = decisions.overview(recipient_kind="person", recipient_id=flexible_worker.pk, on=first)
    (found,) = [found for found in page.cannot_tell if found.policy.id == POLICY]
    assert "补贴比例" in found.explanation.reason


def test_a_policy_that_ends_is_announced_too(pack):
    text = changed(pack, "in_force: {from: 2023-01-01}", "in_force: {from: 2023-01-01, to: 2025-05-31}")
    write(pack / FILE, text)
    (ending,) = ending_of(POLICY, book_in_force().pack, ON)
    assert (ending.kind, ending.last) == ("policy", date(2025, 5, 31))


def test_a_sweep_of_some_policies_leaves_the_others_as_they_are(pack, flexible_worker):
    run = entitlements.run_sweep(actor=None, on=ON, at=AT, policies=[POLICY])
    assert list(run.totals) == [POLICY]
    assert {row.policy_id for row in Entitlement.objects.order_by("pk")} == {POLICY}
