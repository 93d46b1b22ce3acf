"""Reservations of cases say which county they draw on, those made before there were shares as well."""

from django.db import migrations

COUNTIES = """
UPDATE funds_reservation r SET county_code = left(c.division_code, 6)
  FROM casework_case c
 WHERE r.claim_key = 'case:' || c.id AND r.county_code = '' AND length(c.division_code) >= 6
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0007_objections_of_an_address"),
        ("funds", "0007_county_shares"),
    ]

    operations = [migrations.RunSQL(COUNTIES, migrations.RunSQL.noop)]
