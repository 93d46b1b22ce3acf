"""Whoever belongs to a household already is its member since the day of their registration."""

from django.db import migrations

MEMBERS = """
INSERT INTO registry_householdmembership (person_id, household_id, start, source)
SELECT id, household_id, registered_on, source FROM registry_person WHERE household_id IS NOT NULL ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_households_have_members")]

    operations = [migrations.RunSQL(MEMBERS, migrations.RunSQL.noop)]
