"""Row-level security: a query written without any scoping still shows no other county's people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import InternalError, ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from jiuye.office.casework.models import Case
from jiuye.office.registry.models import Person
from jiuye.office.staff import rows
from jiuye.office.staff.models import Account, LookRecord, SignIn
from jiuye.office.staff.rows_installing import POLICY, install, open_tables, protections
from jiuye.office.staff.slices import slice_of
from jiuye.portals.common.actors import PUBLIC, SIGNED_IN, allowed

COUNTY, OTHER = "321002", "321003"


def of_claims(table: str) -> str:
    """The place of each row that pays a case, a quarter's interest or a compensation."""
    return (
        f"SELECT c.division_code FROM {table} p JOIN casework_case c ON 'case:' || c.id = p.claim_key "
        f"UNION ALL SELECT l.division_code FROM {table} p JOIN ventures_interestsubsidy s ON 'loan-interest:' || s.id = p.claim_key "
        "JOIN ventures_loan l ON l.id = s.loan_id "
        f"UNION ALL SELECT l.division_code FROM {table} p JOIN ventures_loan l ON 'loan-compensation:' || l.id = p.claim_key"
    )


# Where a row belongs, written out by hand and beside the policies: table → its division code.
BELONGS = {
    "registry_person": "SELECT residence_division_id FROM registry_person",
    "registry_household": "SELECT division_id FROM registry_household",
    "registry_employer": "SELECT division_id FROM registry_employer",
    "registry_employmentspell": "SELECT p.residence_division_id FROM registry_employmentspell s JOIN registry_person p ON p.id = s.person_id",
    "registry_status": "SELECT p.residence_division_id FROM registry_status s JOIN registry_person p ON p.id = s.person_id",
    "registry_education": "SELECT p.residence_division_id FROM registry_education s JOIN registry_person p ON p.id = s.person_id",
    "registry_contributionspell": "SELECT p.residence_division_id FROM registry_contributionspell s JOIN registry_person p ON p.id = s.person_id",
    "registry_birth": "SELECT p.residence_division_id FROM registry_birth s JOIN registry_person p ON p.id = s.mother_id",
    "registry_personevent": "SELECT p.residence_division_id FROM registry_personevent e JOIN registry_person p ON p.id = e.pgh_obj_id",
    "skills_certificate": "SELECT p.residence_division_id FROM skills_certificate s JOIN registry_person p ON p.id = s.person_id",
    "entitlements_entitlement": "SELECT division_code FROM entitlements_entitlement",
    "entitlements_prospect": "SELECT division_code FROM entitlements_prospect",
    "casework_case": "SELECT division_code FROM casework_case",
    "casework_caseevent": "SELECT c.division_code FROM casework_caseevent e JOIN casework_case c ON c.id = e.case_id",
    "casework_casecheck": "SELECT t.division_code FROM casework_casecheck c JOIN entitlements_entitlement t ON t.id = c.entitlement_id",
    "funds_reservation": of_claims("funds_reservation"),
    "funds_paymentline": of_claims("funds_paymentline"),
}  # fmt: skip


def count(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return int(cursor.fetchone()[0])


def acting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("table", sorted(BELONGS))
def test_an_unscoped_count_shows_one_countys_rows_and_no_others(taken_back, table):
    whole = count(f"SELECT count(*) FROM {table}")
    own = count(f"SELECT count(*) FROM ({BELONGS[table]}) AS t(code) WHERE code LIKE %s", f"{COUNTY}%")
    assert whole > 0
    with rows.scoped(rows.RowScope(places=(COUNTY,))):
        assert count(f"SELECT count(*) FROM {table}") == own
    with rows.scoped(rows.RowScope(places=("3210",))):
        assert count(f"SELECT count(*) FROM {table}") == whole
    assert count(f"SELECT count(*) FROM {table}") == whole


def test_a_place_where_nobody_lives_shows_nothing_of_any_protected_table(taken_back):
    filled = [one.table for one in protections() if count(f"SELECT count(*) FROM {one.table}")]
    assert len(filled) > 20
    with rows.scoped(rows.RowScope(places=("999999",))):
        seen = {table for table in filled if count(f"SELECT count(*) FROM {table}")}
    # What is said of a hire or a birth names nobody; officers' accounts name colleagues.
    assert seen <= {"entitlements_answer", "staff_account"}


def test_a_residents_account_is_seen_with_their_record_and_an_officers_by_everyone(taken_back):
    residents = "SELECT count(*) FROM staff_account WHERE kind = 'resident'"
    living = (
        "SELECT count(*) FROM staff_account a JOIN registry_person p ON p.id = a.subject_key::bigint "
        "WHERE a.kind = 'resident' AND p.residence_division_id LIKE %s"
    )
    whole, here = count(residents), count(living, f"{COUNTY}%")
    assert 0 < here <= whole
    officers = count("SELECT count(*) FROM staff_account WHERE kind = 'officer'")
    mine = Account.objects.get(username="zhangxiulan")
    with rows.scoped(rows.RowScope(places=(COUNTY,))):
        assert count(residents) == here
        assert count("SELECT count(*) FROM staff_account WHERE kind = 'officer'") == officers
    with rows.scoped(rows.RowScope(person=mine.subject_key, account=str(mine.pk))):
        assert count(residents) == 1
    with rows.scoped(rows.VISITOR):
        assert count("SELECT count(*) FROM staff_account WHERE kind <> 'officer'") == 0


def test_a_look_is_seen_by_who_looked_and_who_was_looked_at_and_a_session_by_its_owner(taken_back):
    mine, other = (Account.objects.get(username=name) for name in ("zhangxiulan", "sunyufang"))
    officer = Account.objects.get(username="caseworker")
    at = datetime(2025, 6, 10, 9, tzinfo=UTC)
    LookRecord.objects.create(
        account=officer, subject_kind="person", subject_key=mine.subject_key, field="phone", purpose="核对", looked_at=at
    )  # fmt: skip
    for account in (mine, officer):
        SignIn.objects.create(
            account=account, session_key=f"k{account.pk}", address="203.0.113.1", started_at=at, seen_at=at
        )
    looks, sessions = "SELECT count(*) FROM staff_lookrecord", "SELECT count(*) FROM staff_signin"
    for scope, seen in (
        (rows.RowScope(person=mine.subject_key, account=str(mine.pk)), (1, 1)),
        (rows.RowScope(places=("3210",), account=str(officer.pk)), (1, 1)),
        (rows.RowScope(person=other.subject_key, account=str(other.pk)), (0, 0)),
        (rows.RowScope(places=("3210",), account="0"), (0, 0)),
        (rows.VISITOR, (0, 0)),
    ):
        with rows.scoped(scope):
            assert (count(looks), count(sessions)) == seen


def test_a_resident_sees_their_own_rows_and_nobody_elses(taken_back):
    person = Account.objects.get(username="zhangxiulan").subject_key
    with rows.scoped(rows.RowScope(person=person)):
        assert count("SELECT count(*) FROM registry_person") == 1
        assert count("SELECT count(DISTINCT person_id) FROM registry_contributionspell") == 1
        assert count("SELECT count(*) FROM registry_employer") == 0


def test_a_visitor_sees_what_is_publicised_and_no_register(taken_back):
    publicised = count("SELECT count(*) FROM casework_case WHERE state = 'publicised'")
    assert publicised > 0
    with rows.scoped(rows.VISITOR):
        assert count("SELECT count(*) FROM casework_case") == publicised
        for table in ("registry_person", "registry_employer", "casework_caseevent", "funds_paymentline"):
            assert count(f"SELECT count(*) FROM {table}") == 0


def test_a_row_of_another_county_can_neither_be_changed_nor_deleted_nor_written(taken_back):
    there = Person.objects.filter(residence_division__code__startswith=OTHER).order_by("pk")[0]
    with rows.scoped(rows.RowScope(places=(COUNTY,))):
        assert Person.objects.filter(pk=there.pk).update(address="别处") == 0
        assert Person.objects.filter(pk=there.pk).delete()[0] == 0
        there.pk, there.id_number_index = None, b"z" * 32
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            there.save(force_insert=True)
        assert acting() == rows.WEB_ROLE
    assert acting() != rows.WEB_ROLE


def test_every_table_that_points_at_a_protected_one_is_protected_and_what_is_open_says_why(db):
    assert [table for table, reason in open_tables().items() if not reason] == []
    protected = {one.table for one in protections()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY 1")
        assert {name for (name,) in cursor.fetchall()} == protected
    assert {
        "registry_person",
        "casework_case",
        "matters_matter",
        "matters_evidence",
        "funds_paymentline",
        "funds_reservation",
        "staff_account",
        "staff_lookrecord",
        "staff_signin",
    } <= protected


def test_a_table_that_went_and_came_again_gets_its_policy_and_its_grants_back(db):
    assert not install()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP POLICY {POLICY} ON staff_lookedat")
        cursor.execute(f"REVOKE ALL ON staff_lookedat FROM {rows.WEB_ROLE}")
    assert install()
    with rows.scoped(rows.VISITOR):
        assert count("SELECT count(*) FROM staff_lookedat") == 0
    assert not install()


def test_a_migration_taken_back_shuts_what_rested_on_it_until_it_is_taken_again(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE staff_lookedat RENAME TO staff_gone")
        assert install()
        assert install()  # asked again after every migration until all of them stand
        with rows.scoped(rows.VISITOR):
            assert count("SELECT count(*) FROM staff_lookrecord") == 0
        cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = 'staff_lookrecord'::regclass")
        assert cursor.fetchall() == []
        cursor.execute("ALTER TABLE staff_gone RENAME TO staff_lookedat")
        assert install()
        cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = 'staff_lookrecord'::regclass")
        assert cursor.fetchall() == [(POLICY,)]
    assert not install()


def request_of(account: Account | None, method: str = "get"):
    request = getattr(RequestFactory(), method)("/")
    request.user = account if account is not None else AnonymousUser()
    return request


def seen_by(account: Account | None, method: str = "get", permission: str = SIGNED_IN) -> int:
    @allowed(permission)
    def view(request):
        return HttpResponse(str(count("SELECT count(*) FROM registry_person")))

    return int(view(request_of(account, method)).content)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_view_whose_query_forgot_its_scope_counts_only_the_actors_county(taken_back, method):
    own = Person.objects.filter(residence_division__code__startswith=COUNTY).count()
    everyone = Person.objects.count()
    officers = Account.objects.in_bulk(["caseworker", "cashier", "administrator"], field_name="username")
    assert seen_by(officers["caseworker"], method) == own < everyone
    assert seen_by(officers["cashier"], method) == everyone
    assert seen_by(officers["administrator"], method) == 0
    assert seen_by(None, method, PUBLIC) == 0
    assert Person.objects.count() == everyone


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_connection_is_clean_after_a_view_that_raised(taken_back, method):
    @allowed(PUBLIC)
    def view(request):
        raise LookupError("a mistake")

    @allowed(PUBLIC)
    def broken(request):
        with transaction.atomic():
            count("SELECT count(*) FROM no_such_table")

    everyone = Person.objects.count()
    for one, error in ((view, LookupError), (broken, ProgrammingError)):
        with pytest.raises(error):
            one(request_of(None, method))
        assert acting() != rows.WEB_ROLE
        assert Person.objects.count() == everyone


def test_what_leaves_the_scope_with_a_reason_comes_back_to_it_also_after_a_mistake(taken_back):
    with rows.scoped(rows.RowScope(places=(COUNTY,))):
        inside = Person.objects.count()
        with rows.unscoped("the test counts everyone"):
            assert Person.objects.count() > inside
        assert Person.objects.count() == inside
        with pytest.raises(ProgrammingError), transaction.atomic(), rows.unscoped("a mistake follows"):
            count("SELECT count(*) FROM no_such_table")
        assert Person.objects.count() == inside
    with rows.unscoped("outside a request there is nothing to leave"):
        assert acting() != rows.WEB_ROLE


def test_a_reading_request_may_still_not_write_inside_its_scope(db):
    with (
        pytest.raises(InternalError, match="read-only"),
        transaction.atomic(),
        rows.reading_only(rows.VISITOR),
    ):
        Account.objects.create_account(
            username="x", display_name="x", password="x", kind="resident", subject_key="9"
        )


def test_a_slice_whose_keys_are_found_outside_the_scope_shows_only_rows_within_it(taken_back):
    """A list that forgot its own scope: its keys are every county's, its rows are not."""
    everywhere = Case.objects.order_by("pk")
    with rows.scoped(rows.RowScope(places=(COUNTY,))):
        shown = slice_of(everywhere, size=1000, leaving="a test").rows
    assert {case.division_code[:6] for case in shown} == {COUNTY}
    with rows.scoped(rows.RowScope(places=("999999",))):
        assert slice_of(everywhere, size=1000, leaving="a test").rows == []
