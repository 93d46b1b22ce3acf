"""What this office paid under a policy for one subject shares no day with what it paid before, through whichever door."""

import django.contrib.postgres.constraints
import jiuye.office.staff.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('entitlements', '0004_columns'),
        ('registry', '0006_indexes'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='benefit',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('case_key', ''), _negated=True), expressions=[('policy_id', '='), ('subject_kind', '='), ('subject_key', '='), (jiuye.office.staff.models.DateRange(models.F('period_start'), models.F('period_until')), '&&')], name='benefit_paid_once_a_day', violation_error_message='同一对象同一政策的这段时期（或其中几天）已经发放过，不能重复发放。'),
        ),
    ]
