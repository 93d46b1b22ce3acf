from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from jiuye.office.staff.row_rules import ACCOUNT, EMPLOYER, PERSON, Rows, in_auditing, through


class StaffConfig(AppConfig):
    name = "jiuye.office.staff"
    label = "staff"
    verbose_name = "人员与权限"
    erasing = "jiuye.office.staff.erasing"
    rows_open = "posts, and what logging in leaves: read to find out who asks, before anybody is known"
    row_rules = {
        # A resident's or an employer's account bears their name: it is seen with their record. The pages of logging in act as the owner.
        "Account": Rows(
            f"kind = 'officer' OR id = {ACCOUNT} "
            f"OR CASE kind WHEN 'resident' THEN {through('subject_key::bigint', 'registry_person')} "
            f"WHEN 'employer' THEN {through('subject_key::bigint', 'registry_employer')} ELSE false END"
        ),
        # Whoever looked, whoever was looked at, and whoever audits the place where the one who looked has or had a post.
        "LookRecord": Rows(
            f"account_id = {ACCOUNT} OR account_id IN (SELECT account_id FROM staff_post WHERE {in_auditing('division_code')}) OR (subject_kind = 'person' AND subject_key = {PERSON}::text) "
            f"OR (subject_kind = 'employer' AND subject_key = {EMPLOYER}::text) "
            "OR id IN (SELECT look_id FROM staff_lookedat)"  # of which the policy below leaves one's own
        ),
        "LookedAt": Rows(
            f"(subject_kind = 'person' AND subject_key = {PERSON}::text) "
            f"OR (subject_kind = 'employer' AND subject_key = {EMPLOYER}::text)"
        ),
        # Of an officer's account for everyone who works here, of a resident's with their record: it holds names.
        "AccountAct": Rows(through("account_id", "staff_account")),
        "RefusedSignOn": Rows(
            f"CASE kind WHEN 'resident' THEN {through('subject_key::bigint', 'registry_person')} "
            f"WHEN 'employer' THEN {through('subject_key::bigint', 'registry_employer')} ELSE false END"
        ),
        "SignIn": Rows(f"account_id = {ACCOUNT}"),
    }

    def ready(self) -> None:
        """After every migration the policies of all tables are written anew where they differ."""
        from jiuye.office.staff import lookups  # noqa: F401 - importing registers them

        post_migrate.connect(protect_rows, sender=self)


def protect_rows(using: str, **_: Any) -> None:
    """Role, grants and policies, in the database that was migrated."""
    from jiuye.office.staff.rows_installing import install

    if using == "default":
        install()
