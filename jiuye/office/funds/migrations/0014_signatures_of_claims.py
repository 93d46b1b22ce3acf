"""As many sign the confirmation or the waiver of a claim for money back as the band of its amount takes."""


import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0013_one_reference_one_payment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RecoverySignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=60, verbose_name='签批对象')),
                ('round', models.IntegerField(verbose_name='签批轮次')),
                ('ordinal', models.IntegerField(verbose_name='第几签')),
                ('needed', models.IntegerField(verbose_name='共需几签')),
                ('amount_fen', models.BigIntegerField(verbose_name='签批金额')),
                ('terms', models.CharField(blank=True, default='', max_length=60, verbose_name='签批的其他内容')),
                ('signed_by_name', models.CharField(max_length=60, verbose_name='签批人姓名')),
                ('on_date', models.DateField(verbose_name='日期')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('act', models.CharField(choices=[('confirm', '确认追回'), ('waive', '核销')], max_length=10, verbose_name='事项')),
                ('words', models.TextField(blank=True, default='', verbose_name='理由')),
            ],
            options={
                'verbose_name': '追回签批',
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recovery',
            trigger=pgtrigger.compiler.Trigger(name='recovery_confirmed_by_signatures', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state = 'proposed' AND NEW.state = 'open')", func="PERFORM 1 FROM funds_recoverysignature s WHERE s.recovery_id = NEW.id AND s.act = 'confirm' AND s.ordinal = s.needed AND s.signed_by_id = NEW.decided_by_id; IF NOT FOUND THEN RAISE EXCEPTION '确认追回要签批满档次规定的人数，最后一签的人就是确认人。' USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_confirmed_by_signatures'; END IF; RETURN NEW;", hash='a4ee7a034a8326321e6344192229fe7b966069dd', operation='UPDATE', pgid='pgtrigger_recovery_confirmed_by_signatures_2e673', table='funds_recovery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recovery',
            trigger=pgtrigger.compiler.Trigger(name='recovery_waived_by_signatures', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'waived' AND NEW.state = 'waived')", func="PERFORM 1 FROM funds_recoverysignature s WHERE s.recovery_id = NEW.id AND s.act = 'waive' AND s.ordinal = s.needed AND s.signed_by_id = NEW.waived_by_id; IF NOT FOUND THEN RAISE EXCEPTION '核销要签批满档次规定的人数，最后一签的人就是核销人。' USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_waived_by_signatures'; END IF; RETURN NEW;", hash='3a7cc2d716ec73eb2a50d63b67c3c2c87330544e', operation='UPDATE', pgid='pgtrigger_recovery_waived_by_signatures_8709f', table='funds_recovery', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='recoverysignature',
            name='recovery',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='funds.recovery', verbose_name='追回'),
        ),
        migrations.AddField(
            model_name='recoverysignature',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='签批人'),
        ),
        migrations.AddConstraint(
            model_name='recoverysignature',
            constraint=models.UniqueConstraint(fields=('subject', 'round', 'signed_by'), name='recovery_signature_once_a_person', violation_error_message='同一人只能签批一次；请由另一位审批人员签批。'),
        ),
        migrations.AddConstraint(
            model_name='recoverysignature',
            constraint=models.UniqueConstraint(fields=('subject', 'round', 'ordinal'), name='recovery_signature_numbered_once', violation_error_message='刚才有人签批过；请看最新状态再签批。'),
        ),
        migrations.AddConstraint(
            model_name='recoverysignature',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0), ('ordinal__gte', 1), ('ordinal__lte', models.F('needed'))), name='recovery_signature_counted_from_one', violation_error_message='签批的次序必须在 1 到所需人数之间。'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recoverysignature',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0184d877d3203825af9983cc38620e80f0d97532', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c6ae0', table='funds_recoverysignature', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recoverysignature',
            trigger=pgtrigger.compiler.Trigger(name='recovery_signature_by_another', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM 1 FROM funds_recovery r WHERE r.id = NEW.recovery_id AND r.opened_by_id IS DISTINCT FROM NEW.signed_by_id AND (NEW.act <> 'confirm' OR NOT EXISTS (SELECT 1 FROM funds_paymentline l JOIN funds_paymentbatch b ON b.id = l.batch_id WHERE l.claim_key = r.claim_key AND l.state = 'paid' AND (b.made_by_id = NEW.signed_by_id OR b.approved_by_id = NEW.signed_by_id))); IF NOT FOUND THEN RAISE EXCEPTION '签批人不能是提出追回的人；确认追回的也不能是经手付款的人。请由另一位有权的人签批。' USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_signature_by_another'; END IF; RETURN NEW;", hash='00e4a920464899342193ccb343500a0b8bb8eba5', operation='INSERT', pgid='pgtrigger_recovery_signature_by_another_5ac1b', table='funds_recoverysignature', when='BEFORE')),
        ),
    ]
