"""A key names the registers that it delivers; one that was given out before keeps those that it has delivered."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


DELIVERED_SO_FAR = """
UPDATE partners_apikey k SET registers = found.registers
  FROM (SELECT key_id, array_agg(DISTINCT split_part(path, '/', 5) ORDER BY split_part(path, '/', 5)) AS registers
          FROM partners_apicall WHERE path LIKE '/api/v1/registers/%/deliveries' GROUP BY key_id) AS found
 WHERE found.key_id = k.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='apikey',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='apikey',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='apikey',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='apikey',
            name='registers',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='登记簿'),
        ),
        migrations.AddField(
            model_name='apikeyevent',
            name='registers',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='登记簿'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_apikeyevent" ("account_id", "hint", "id", "issued_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "registers", "revoked_at", "revoked_because", "start", "until") SELECT new_values."account_id", new_values."hint", new_values."id", new_values."issued_by_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."purpose", new_values."registers", new_values."revoked_at", new_values."revoked_because", new_values."start", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='daac4ecf19a8b15655c7639e273e4318150d06df', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_5235f', referencing='REFERENCING NEW TABLE AS new_values ', table='partners_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_apikeyevent" ("account_id", "hint", "id", "issued_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "registers", "revoked_at", "revoked_because", "start", "until") SELECT new_values."account_id", new_values."hint", new_values."id", new_values."issued_by_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."purpose", new_values."registers", new_values."revoked_at", new_values."revoked_because", new_values."start", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."account_id" IS DISTINCT FROM (new_values."account_id") OR old_values."hint" IS DISTINCT FROM (new_values."hint") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."issued_by_id" IS DISTINCT FROM (new_values."issued_by_id") OR old_values."purpose" IS DISTINCT FROM (new_values."purpose") OR old_values."registers" IS DISTINCT FROM (new_values."registers") OR old_values."revoked_at" IS DISTINCT FROM (new_values."revoked_at") OR old_values."revoked_because" IS DISTINCT FROM (new_values."revoked_because") OR old_values."start" IS DISTINCT FROM (new_values."start") OR old_values."until" IS DISTINCT FROM (new_values."until")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='577aba7a1c54715d72732bc9232b174f2c92533e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_33ba9', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='partners_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_apikeyevent" ("account_id", "hint", "id", "issued_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "registers", "revoked_at", "revoked_because", "start", "until") SELECT old_values."account_id", old_values."hint", old_values."id", old_values."issued_by_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."purpose", old_values."registers", old_values."revoked_at", old_values."revoked_because", old_values."start", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a99831ae5d1789bbf94ac4cdcc7bd93075c0f1d8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_63b13', referencing='REFERENCING OLD TABLE AS old_values ', table='partners_apikey', when='AFTER')),
        ),
        migrations.RunSQL(DELIVERED_SO_FAR, migrations.RunSQL.noop),
    ]
