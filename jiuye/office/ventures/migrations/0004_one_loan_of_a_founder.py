"""A founder has one personal loan at a time, for whichever business."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_indexes'),
        ('ventures', '0003_interest_corrected_and_days_in_order'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='loan',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'personal'), ('state__in', ('applied', 'guaranteed', 'disbursed', 'compensated'))), fields=('person',), name='loan_one_at_a_time_of_a_founder', violation_error_message='这位创业者已有一笔在办、在还或代偿后还没有还清的个人贷款。'),
        ),
    ]
