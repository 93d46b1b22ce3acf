"""Interest that was reckoned wrong stays and is followed by what is right; a loan is paid out after its guarantee."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_indexes'),
        ('ventures', '0002_counties_of_reservations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='interestsubsidy',
            options={'ordering': ['loan', 'quarter_start', 'pk'], 'verbose_name': '贷款贴息'},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='interestsubsidy',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='interestsubsidy',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='interestsubsidy',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='interestsubsidy',
            name='interest_once_a_quarter',
        ),
        migrations.AddField(
            model_name='interestsubsidy',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='ventures.interestsubsidy', verbose_name='补差自'),
        ),
        migrations.AddField(
            model_name='interestsubsidy',
            name='drawn_on',
            field=models.DateField(blank=True, null=True, verbose_name='记入已享待遇日期'),
        ),
        migrations.AddField(
            model_name='interestsubsidy',
            name='superseded_on',
            field=models.DateField(blank=True, null=True, verbose_name='作废日期'),
        ),
        migrations.AddField(
            model_name='interestsubsidy',
            name='version',
            field=models.IntegerField(default=1, verbose_name='版本'),
        ),
        migrations.AddField(
            model_name='interestsubsidyevent',
            name='corrects',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='ventures.interestsubsidy', verbose_name='补差自'),
        ),
        migrations.AddField(
            model_name='interestsubsidyevent',
            name='drawn_on',
            field=models.DateField(blank=True, null=True, verbose_name='记入已享待遇日期'),
        ),
        migrations.AddField(
            model_name='interestsubsidyevent',
            name='superseded_on',
            field=models.DateField(blank=True, null=True, verbose_name='作废日期'),
        ),
        migrations.AddField(
            model_name='interestsubsidyevent',
            name='version',
            field=models.IntegerField(default=1, verbose_name='版本'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='interestsubsidy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_interestsubsidyevent" ("amount_fen", "approved_by_id", "approved_on", "balance_days", "corrects_id", "days", "drawn_on", "id", "loan_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "quarter_start", "quarter_until", "rate", "receipt", "reckoned_by_id", "reckoned_on", "rule_version", "share", "superseded_on", "version") SELECT new_values."amount_fen", new_values."approved_by_id", new_values."approved_on", new_values."balance_days", new_values."corrects_id", new_values."days", new_values."drawn_on", new_values."id", new_values."loan_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."policy_id", new_values."quarter_start", new_values."quarter_until", new_values."rate", new_values."receipt", new_values."reckoned_by_id", new_values."reckoned_on", new_values."rule_version", new_values."share", new_values."superseded_on", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='38960626651e388c335cd578b972cdac91d8b196', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8a87a', referencing='REFERENCING NEW TABLE AS new_values ', table='ventures_interestsubsidy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='interestsubsidy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_interestsubsidyevent" ("amount_fen", "approved_by_id", "approved_on", "balance_days", "corrects_id", "days", "drawn_on", "id", "loan_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "quarter_start", "quarter_until", "rate", "receipt", "reckoned_by_id", "reckoned_on", "rule_version", "share", "superseded_on", "version") SELECT new_values."amount_fen", new_values."approved_by_id", new_values."approved_on", new_values."balance_days", new_values."corrects_id", new_values."days", new_values."drawn_on", new_values."id", new_values."loan_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."policy_id", new_values."quarter_start", new_values."quarter_until", new_values."rate", new_values."receipt", new_values."reckoned_by_id", new_values."reckoned_on", new_values."rule_version", new_values."share", new_values."superseded_on", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dfd940a4d372eccdf48a79b92ee4de3921d3e454', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_40c0e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='ventures_interestsubsidy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='interestsubsidy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_interestsubsidyevent" ("amount_fen", "approved_by_id", "approved_on", "balance_days", "corrects_id", "days", "drawn_on", "id", "loan_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "quarter_start", "quarter_until", "rate", "receipt", "reckoned_by_id", "reckoned_on", "rule_version", "share", "superseded_on", "version") SELECT old_values."amount_fen", old_values."approved_by_id", old_values."approved_on", old_values."balance_days", old_values."corrects_id", old_values."days", old_values."drawn_on", old_values."id", old_values."loan_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."policy_id", old_values."quarter_start", old_values."quarter_until", old_values."rate", old_values."receipt", old_values."reckoned_by_id", old_values."reckoned_on", old_values."rule_version", old_values."share", old_values."superseded_on", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8b688578fd28b44f7e4847d5c3a74d22e2c0499c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_52d24', referencing='REFERENCING OLD TABLE AS old_values ', table='ventures_interestsubsidy', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='interestsubsidy',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects__isnull', True), ('superseded_on__isnull', True)), fields=('loan', 'quarter_start'), name='interest_once_a_quarter', violation_error_message='这笔贷款这个季度的贴息已经核算过。'),
        ),
        migrations.AddConstraint(
            model_name='interestsubsidy',
            constraint=models.UniqueConstraint(fields=('loan', 'quarter_start', 'version'), name='interest_version_once', violation_error_message='这个季度的贴息已经有这一版；请看最新的一版。'),
        ),
        migrations.AddConstraint(
            model_name='interestsubsidy',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_on__isnull', True), ('approved_on__isnull', True), _connector='OR'), name='interest_superseded_unapproved', violation_error_message='已批准的贴息不能作废；请先撤销批准。'),
        ),
        migrations.AddConstraint(
            model_name='loan',
            constraint=models.CheckConstraint(condition=models.Q(('disbursed_on__isnull', True), ('disbursed_on__gte', models.F('guaranteed_on')), _connector='OR'), name='loan_paid_out_after_guarantee', violation_error_message='放款日期不能早于担保日期；请核对。'),
        ),
    ]
