"""A household has the number of the register that delivers it; a demonstration city counts as having delivered work and households whole."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


MARK = """
INSERT INTO registry_registerdelivery (register, entity, as_of, complete, row_count, source, imported_at)
SELECT rows.register, rows.entity, laid.as_of, TRUE, 0, laid.source, laid.imported_at
  FROM (VALUES ('employment_register', 'employment'), ('police', 'household_member')) AS rows (register, entity),
       (SELECT DISTINCT as_of, source, imported_at FROM registry_registerdelivery
         WHERE complete AND source = '演示城市（合成数据）') AS laid
 ORDER BY rows.entity, laid.as_of
"""


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0013_what_no_register_said'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='household',
            name='number',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='户号'),
        ),
        migrations.AddField(
            model_name='householdevent',
            name='number',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='户号'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_householdevent" ("division_id", "id", "monthly_income_fen", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") SELECT new_values."division_id", new_values."id", new_values."monthly_income_fen", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='22a85f3aee3df23c29fe9af794357f8b9ff0ac51', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d3330', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_householdevent" ("division_id", "id", "monthly_income_fen", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") SELECT new_values."division_id", new_values."id", new_values."monthly_income_fen", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e8e2d5a6e3105ca9dc9bdfc3b13c84b7853e8576', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d30e4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='registry_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_householdevent" ("division_id", "id", "monthly_income_fen", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") SELECT old_values."division_id", old_values."id", old_values."monthly_income_fen", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4dbb2c443a29972b43b13c05ce165a01f4c878ea', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7c8ce', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_household', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('number',), name='household_number_once', violation_error_message='这个户号已登记在另一户。'),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
