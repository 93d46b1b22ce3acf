"""Reading `access.yaml`: every mistake is named, and the strictest of several roles counts."""

from __future__ import annotations

from jiuye.engine.access import Access, load_access


def test_a_role_a_permission_and_something_to_erase_that_do_not_exist_are_named(tmp_path):
    (tmp_path / "access.yaml").write_text(
        "password: {source: s, length: 10, classes: 3}\n"
        "lock_out: {source: s, minutes: 0, failures_of_account: 5, failures_of_address: 30}\n"
        "public_objections: {basis: design, of_address: 10, of_address_on_notice: 3, open_of_notice: 50}\n"
        "second_factor: {source: s, permissions: [funds.fly]}\n"
        "idle_minutes: {source: s, roles: {pilot: 5}, others: 60}\n"
        "retention: {dreams: {what: 梦, what_en: dreams, days: 3, law: 法, then: erase}}\n",
        encoding="utf-8",
    )
    _, problems = load_access(
        tmp_path, roles={"cashier"}, permissions={"funds.pay"}, erasable=frozenset({"looks"})
    )
    assert {problem.code for problem in problems.errors} == {
        "not-positive",
        "nothing-erases",
        "unknown-permission",
        "unknown-role",
    }


def test_the_strictest_of_several_roles_counts_and_nobody_without_a_role_stays_longest():
    rules = Access(idle_minutes={"cashier": 15, "leader": 45}, idle_others=60)
    assert rules.idle_for(frozenset({"leader", "cashier"})) == 15
    assert rules.idle_for(frozenset({"leader", "auditor"})) == 45
    assert rules.idle_for(frozenset()) == 60
