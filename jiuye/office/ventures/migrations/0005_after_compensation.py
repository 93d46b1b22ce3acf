"""A compensation can be taken back while unpaid; what was given up is written off, and not called recovered."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_indexes'),
        ('ventures', '0004_one_loan_of_a_founder'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='loan',
            name='loan_walks_the_table',
        ),
        migrations.RemoveConstraint(
            model_name='loan',
            name='loan_disbursed_whole',
        ),
        migrations.AlterField(
            model_name='loan',
            name='state',
            field=models.CharField(choices=[('applied', '待担保审核'), ('guaranteed', '待银行审批'), ('refused', '不予担保'), ('bank_declined', '银行未批准'), ('withdrawn', '已撤回'), ('disbursed', '还款中'), ('repaid', '已还清'), ('compensated', '已代偿，追偿中'), ('recovered', '已追回'), ('written_off', '已核销')], default='applied', max_length=14, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='loanversion',
            name='state',
            field=models.CharField(choices=[('applied', '待担保审核'), ('guaranteed', '待银行审批'), ('refused', '不予担保'), ('bank_declined', '银行未批准'), ('withdrawn', '已撤回'), ('disbursed', '还款中'), ('repaid', '已还清'), ('compensated', '已代偿，追偿中'), ('recovered', '已追回'), ('written_off', '已核销')], default='applied', max_length=14, verbose_name='状态'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loan',
            trigger=pgtrigger.compiler.Trigger(name='loan_walks_the_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{applied:guaranteed,applied:refused,applied:withdrawn,compensated:disbursed,compensated:recovered,compensated:written_off,disbursed:compensated,disbursed:repaid,guaranteed:bank_declined,guaranteed:disbursed,guaranteed:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='67879e4c4f762d759485ccbebe2cafe9e2fb173c', operation='UPDATE', pgid='pgtrigger_loan_walks_the_table_39497', table='ventures_loan', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='loan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['disbursed', 'repaid', 'compensated', 'recovered', 'written_off']), _negated=True), models.Q(('disbursed_fen__isnull', False), ('disbursed_on__isnull', False), ('rate__gt', 0), models.Q(('bank', ''), _negated=True), models.Q(('contract', ''), _negated=True)), _connector='OR'), name='loan_disbursed_whole', violation_error_message='放款必须写明银行、合同号、金额、日期和利率。'),
        ),
        migrations.AddConstraint(
            model_name='loan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('compensated_fen__gt', 0), ('compensated_on__isnull', False), ('state__in', ('compensated', 'recovered', 'written_off'))), models.Q(models.Q(('state__in', ('compensated', 'recovered', 'written_off')), _negated=True), ('compensated_fen__isnull', True)), _connector='OR'), name='loan_compensated_whole', violation_error_message='代偿的贷款必须写明代偿金额和日期，没有代偿的不写。'),
        ),
    ]
