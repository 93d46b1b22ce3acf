"""Reservations of loans (interest, compensation) say which county they draw on, those made before there were shares as well."""

from django.db import migrations

COUNTIES = """
UPDATE funds_reservation r SET county_code = left(l.division_code, 6)
  FROM ventures_loan l
  LEFT JOIN ventures_interestsubsidy s ON s.loan_id = l.id
 WHERE r.county_code = '' AND length(l.division_code) >= 6
   AND r.claim_key IN ('loan-compensation:' || l.id, 'loan-interest:' || s.id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ventures", "0001_initial"),
        ("funds", "0007_county_shares"),
    ]

    operations = [migrations.RunSQL(COUNTIES, migrations.RunSQL.noop)]
