"""A guarantee, interest and a compensation are signed by as many as the band of the amount takes."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ventures', '0005_after_compensation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LoanSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('guarantee', '担保'), ('interest', '贴息'), ('compensate', '代偿')], max_length=20, verbose_name='事项')),
                ('subject', models.CharField(max_length=60, verbose_name='签批对象')),
                ('round', models.IntegerField(verbose_name='签批轮次')),
                ('ordinal', models.IntegerField(verbose_name='第几签')),
                ('needed', models.IntegerField(verbose_name='共需几签')),
                ('amount_fen', models.BigIntegerField(verbose_name='签批金额')),
                ('terms', models.CharField(blank=True, default='', max_length=60, verbose_name='签批的其他内容')),
                ('signed_by_name', models.CharField(max_length=60, verbose_name='签批人姓名')),
                ('on_date', models.DateField(verbose_name='日期')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='ventures.loan', verbose_name='贷款')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='签批人')),
            ],
            options={
                'verbose_name': '贷款签批',
                'constraints': [models.UniqueConstraint(fields=('subject', 'round', 'signed_by'), name='loan_signature_once_a_person', violation_error_message='同一人只能签批一次；请由另一位审批人员签批。'), models.UniqueConstraint(fields=('subject', 'round', 'ordinal'), name='loan_signature_numbered_once', violation_error_message='刚才有人签批过；请看最新状态再签批。')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loansignature',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4229638c4d6bf0253675293c51b67445935e84e4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ab96e', table='ventures_loansignature', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loansignature',
            trigger=pgtrigger.compiler.Trigger(name='loan_signature_by_another', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM 1 FROM ventures_loan l WHERE l.id = NEW.loan_id AND (NEW.act <> 'guarantee' OR l.applied_by_id IS DISTINCT FROM NEW.signed_by_id) AND (NEW.act <> 'compensate' OR (l.guaranteed_by_id IS DISTINCT FROM NEW.signed_by_id AND NOT EXISTS (SELECT 1 FROM ventures_loansignature s WHERE s.loan_id = l.id AND s.act = 'guarantee' AND s.signed_by_id = NEW.signed_by_id))); IF NOT FOUND THEN RAISE EXCEPTION '签批人不能是申请的经办人；代偿的签批人也不能是担保的签批人。' USING ERRCODE = 'check_violation', CONSTRAINT = 'loan_signature_by_another'; END IF; RETURN NEW;", hash='eb7e86d00cfbe6ca0f11850abca8027f2952e06f', operation='INSERT', pgid='pgtrigger_loan_signature_by_another_43460', table='ventures_loansignature', when='BEFORE')),
        ),
    ]
