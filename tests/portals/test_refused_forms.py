"""No form of the workbench loses what was typed: each is found on its page, filled in with what cannot be taken, and comes back as it was.

The forms are those of the pages themselves; the table of addresses says which there must be. A new one is met here, or on the pages of
another test of the same kind, or it fails.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import rules
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.funds.models import Recovery, UnbookedPayment
from jiuye.office.policies.models import Draft
from jiuye.office.registry.models import Employer, EmploymentSpell
from jiuye.office.staff.models import Account
from tests.house.who_may import named
from tests.portals.refused_forms import WALKED_ELSEWHERE, losses, plain, takes_forms
from tests.portals.small_city import doubt_about_what_was_paid

# Said of the module, so that a database is set up where this file runs alone.
pytestmark = pytest.mark.django_db
POLICY, FILE = "apprenticeship-subsidy", "policies/apprenticeship-subsidy.yaml"
BUTTONS = {  # nothing is written or chosen from a list
    "away_back", "authority_paper", "batch_act", "batch_file", "case_speaker", "matter_speaker", "campaign_act", "campaign_prepare", "case_paper", "found_automatic", "import_accept", "loan_paper",
    "import_discard", "import_download", "import_undo", "inbox_read", "matter_paper", "payments_return",
    "start_employer_matter", "take_case", "take_loan", "take_matter", "together_accept", "together_approve", "together_look", "together_publicise", "together_review", "apply", "drop_file",
    "unbooked_take_over", "unbooked_close",
}  # fmt: skip
# What no test walks yet, for want of the situation in one place: a list that may only become shorter.
NOT_WALKED = {"case_original", "matter_seen"}
BY_HAND = {"together_undo"}  # tests/portals/desk/test_together.py: why approvals are taken back is not lost
# A draft's text is kept with its mistakes; any choice of columns is previewed.
TAKES_EVERYTHING = {"save", "check", "import_columns", "save_filled_matter", "loan_save"}
AS_PERSON_REVEAL = {
    "employer_reveal",
    "thing_reveal",
}  # the same field of the design system, posted to other addresses


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    return client


def pages_of_the_city() -> list[tuple[Client, str]]:
    """Every page of the desk and of the policy workbench that the city has something for, each opened by whoever has forms there."""
    here = {
        case.state: case for case in Case.objects.filter(division_code__startswith="321002").order_by("-pk")
    }
    worker, reviewer, approver, cashier, writer, second = map(
        client_of, ("caseworker", "reviewer", "approver", "cashier", "policy_officer", "policy_reviewer")
    )
    reviewer.post(reverse("desk:take_case", args=[here["accepted"].pk]))
    clause = rules().terms(here["reviewed"].policy_id).clauses[0].id
    refusal = {"clause": clause, "note": "登记簿里没有", "against": "窗口核对的原件"}
    reviewer.post(reverse("desk:case_act", args=[here["reviewed"].pk, "refuse"]), refusal)
    claimed_back = reverse(
        "desk:recovery", args=[Recovery.objects.filter(claim_key=here["paid"].claim_key).get().pk]
    )
    UnbookedPayment.objects.create(
        batch_number="lost-01",
        line_key="case:0#1",
        claim_key="case:0",
        amount_fen=here["publicised"].amount_fen,
        found_at=datetime(2025, 6, 18, tzinfo=UTC),
        payee_index=here["publicised"].payee_index,
    )
    doubt_about_what_was_paid()
    cases = [reverse("desk:case", args=[case.pk]) for case in here.values()]
    at_work = EmploymentSpell.objects.filter(
        until__isnull=True, person__residence_division__code__startswith="321002"
    )
    employer = Employer.objects.filter(division__code__startswith="321002").order_by("pk")[0]
    owed = Entitlement.objects.filter(
        verdict="yes", case__isnull=True, division_code__startswith="321002"
    ).order_by("pk")[0]
    return [
        *((client, page) for client in (worker, reviewer, approver) for page in cases),
        (worker, reverse("desk:person", args=[Account.objects.get(username="zhangxiulan").subject_key])),
        (worker, reverse("desk:person", args=[at_work.order_by("pk")[0].person_id])),
        (worker, reverse("desk:employer", args=[employer.pk])),
        (worker, reverse("desk:found_one", args=[owed.pk])),
        (worker, reverse("desk:gap_list", args=[owed.policy_id, "unclaimed"])),
        *((worker, reverse(f"desk:{name}")) for name in ("imports", "loan_begin", "away")),
        (reviewer, reverse("desk:away")),
        *((cashier, page) for page in (reverse("desk:payments"), reverse("desk:unbooked"), reverse("desk:recovery_begin"), claimed_back)),
        # Whoever granted a payment does not give up what is owed of it.
        (client_of("approver2"), claimed_back),
        (client_of("approver3"), claimed_back),
        (client_of("approver3"), reverse("desk:case", args=[here["paid"].pk])),
        (client_of("city_office"), reverse("desk:budgets")),
        *_drafts(writer, second),
    ]  # fmt: skip


def _drafts(writer: Client, second: Client) -> list[tuple[Client, str]]:
    """A draft under way, one handed in, and one approved. The editor comes last, since it keeps whatever is written."""
    for title in ("提高比例", "另一份", "第三份"):
        writer.post(reverse("workbench:start"), {"title": title, "path": FILE})
    under_way, handed_in, approved = (draft.pk for draft in Draft.objects.order_by("pk"))
    for draft in (handed_in, approved):
        text = Draft.objects.get(pk=draft).files.get().text
        writer.post(reverse("workbench:save", args=[draft]), {"file": FILE, "text": f"{text}# 核对过\n"})
        writer.post(reverse("workbench:act", args=[draft, "submit"]))
    second.post(reverse("workbench:act", args=[approved, "approve"]))
    return [
        (writer, reverse("workbench:drafts")),
        (writer, reverse("workbench:policy", args=[POLICY])),
        *((writer, reverse(f"workbench:{name}", args=[under_way])) for name in ("values", "simulate", "review", "draft")),
        *((second, reverse("workbench:review", args=[draft])) for draft in (handed_in, approved)),
    ]  # fmt: skip


def test_every_form_with_words_that_is_refused_comes_back_as_typed_with_the_reason_beside_it(taken_back):
    found = losses(pages_of_the_city())
    lost = {name: lost for name, lost in found.items() if lost and plain(name) not in TAKES_EVERYTHING}
    assert lost == {}
    met = {plain(name) for name in found}
    there = {
        name.split(":")[1] for name, _, pattern in named()
        if name.startswith(("desk:", "workbench:")) and takes_forms(pattern.callback)
    }  # fmt: skip
    elsewhere = set().union(*WALKED_ELSEWHERE.values(), BUTTONS, TAKES_EVERYTHING, AS_PERSON_REVEAL, BY_HAND)
    assert there - met - elsewhere == NOT_WALKED
