"""New rows of an import are kept as runs of ids instead of one line each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0002_triggers'),
    ]

    operations = [
        migrations.AddField(
            model_name='importchange',
            name='last_id',
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL('UPDATE registry_importchange SET last_id = object_id', migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name='importchange',
            name='registry_im_batch_i_93744e_idx',
        ),
        migrations.AlterField(
            model_name='importchange',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='registry.importbatch'),
        ),
        migrations.AddConstraint(
            model_name='importchange',
            constraint=models.CheckConstraint(condition=models.Q(('last_id__gte', models.F('object_id'))), name='import_change_run_in_order', violation_error_message='一段编号的末尾不能小于开头。'),
        ),
        migrations.AddConstraint(
            model_name='importchange',
            constraint=models.CheckConstraint(condition=models.Q(('before__isnull', True), ('last_id', models.F('object_id')), _connector='OR'), name='import_change_changes_one_row', violation_error_message='改动按单条记录保存原值。'),
        ),
    ]
