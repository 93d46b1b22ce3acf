"""A running loan of the old system is entered by one, confirmed by another, and carried from its day on."""

import django.db.models.deletion
import jiuye.office.registry.models.registers
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0006_indexes'),
        ('ventures', '0006_signatures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LoanTakeover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('personal', '个人'), ('enterprise', '小微企业')], max_length=12, verbose_name='种类')),
                ('division_code', models.CharField(max_length=12, verbose_name='所在区划')),
                ('state', models.CharField(choices=[('proposed', '待另一人确认'), ('confirmed', '已接手'), ('dropped', '未接手'), ('undone', '已撤销接手')], default='proposed', max_length=10, verbose_name='状态')),
                ('register_says', models.JSONField(decoder=jiuye.office.registry.models.registers.ExactDecoder, encoder=jiuye.office.registry.models.registers.ExactEncoder, verbose_name='台账所载')),
                ('register_start', models.DateField(verbose_name='台账数据日期')),
                ('bank', models.CharField(max_length=60, verbose_name='经办银行')),
                ('bank_account', models.CharField(blank=True, default='', max_length=40, verbose_name='银行收款账号')),
                ('contract', models.CharField(max_length=60, verbose_name='借款合同号')),
                ('principal_fen', models.BigIntegerField(verbose_name='放款金额')),
                ('disbursed_on', models.DateField(verbose_name='放款日期')),
                ('rate', models.DecimalField(decimal_places=6, max_digits=8, verbose_name='年利率')),
                ('taken_from', models.DateField(verbose_name='起算日')),
                ('balance_fen', models.BigIntegerField(verbose_name='起算日的余额')),
                ('subsidised_fen', models.BigIntegerField(verbose_name='起算日前已付的贴息')),
                ('loans_drawn', models.IntegerField(blank=True, null=True, verbose_name='已获个人贷款次数（含本次）')),
                ('plan', models.JSONField(verbose_name='余额的还款计划')),
                ('document', models.CharField(max_length=200, verbose_name='依据文件')),
                ('differs_because', models.TextField(blank=True, default='', verbose_name='与台账不同的原因')),
                ('proposed_on', models.DateField(verbose_name='提出日期')),
                ('decided_on', models.DateField(blank=True, null=True, verbose_name='确认日期')),
                ('over_ceiling_fen', models.BigIntegerField(default=0, verbose_name='超出担保上限')),
                ('earlier_loans', models.IntegerField(default=0, verbose_name='此前不在本系统的贷款次数')),
                ('ended_because', models.TextField(blank=True, default='', verbose_name='不接手或撤销的理由')),
            ],
            options={
                'verbose_name': '接手在贷贷款',
            },
        ),
        migrations.CreateModel(
            name='LoanTakeoverEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('personal', '个人'), ('enterprise', '小微企业')], max_length=12, verbose_name='种类')),
                ('division_code', models.CharField(max_length=12, verbose_name='所在区划')),
                ('state', models.CharField(choices=[('proposed', '待另一人确认'), ('confirmed', '已接手'), ('dropped', '未接手'), ('undone', '已撤销接手')], default='proposed', max_length=10, verbose_name='状态')),
                ('register_says', models.JSONField(decoder=jiuye.office.registry.models.registers.ExactDecoder, encoder=jiuye.office.registry.models.registers.ExactEncoder, verbose_name='台账所载')),
                ('register_start', models.DateField(verbose_name='台账数据日期')),
                ('bank', models.CharField(max_length=60, verbose_name='经办银行')),
                ('bank_account', models.CharField(blank=True, default='', max_length=40, verbose_name='银行收款账号')),
                ('contract', models.CharField(max_length=60, verbose_name='借款合同号')),
                ('principal_fen', models.BigIntegerField(verbose_name='放款金额')),
                ('disbursed_on', models.DateField(verbose_name='放款日期')),
                ('rate', models.DecimalField(decimal_places=6, max_digits=8, verbose_name='年利率')),
                ('taken_from', models.DateField(verbose_name='起算日')),
                ('balance_fen', models.BigIntegerField(verbose_name='起算日的余额')),
                ('subsidised_fen', models.BigIntegerField(verbose_name='起算日前已付的贴息')),
                ('loans_drawn', models.IntegerField(blank=True, null=True, verbose_name='已获个人贷款次数（含本次）')),
                ('plan', models.JSONField(verbose_name='余额的还款计划')),
                ('document', models.CharField(max_length=200, verbose_name='依据文件')),
                ('differs_because', models.TextField(blank=True, default='', verbose_name='与台账不同的原因')),
                ('proposed_on', models.DateField(verbose_name='提出日期')),
                ('decided_on', models.DateField(blank=True, null=True, verbose_name='确认日期')),
                ('over_ceiling_fen', models.BigIntegerField(default=0, verbose_name='超出担保上限')),
                ('earlier_loans', models.IntegerField(default=0, verbose_name='此前不在本系统的贷款次数')),
                ('ended_because', models.TextField(blank=True, default='', verbose_name='不接手或撤销的理由')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='loan',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='loan',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='loan',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='loan',
            name='loan_walks_the_table',
        ),
        migrations.AddField(
            model_name='loan',
            name='taken_over_from',
            field=models.DateField(blank=True, null=True, verbose_name='接手起算日'),
        ),
        migrations.AddField(
            model_name='loanversion',
            name='taken_over_from',
            field=models.DateField(blank=True, null=True, verbose_name='接手起算日'),
        ),
        migrations.AlterField(
            model_name='loan',
            name='state',
            field=models.CharField(choices=[('applied', '待担保审核'), ('guaranteed', '待银行审批'), ('refused', '不予担保'), ('bank_declined', '银行未批准'), ('withdrawn', '已撤回'), ('disbursed', '还款中'), ('repaid', '已还清'), ('compensated', '已代偿，追偿中'), ('recovered', '已追回'), ('written_off', '已核销'), ('taken_back', '接手已撤销')], default='applied', max_length=14, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='loanversion',
            name='state',
            field=models.CharField(choices=[('applied', '待担保审核'), ('guaranteed', '待银行审批'), ('refused', '不予担保'), ('bank_declined', '银行未批准'), ('withdrawn', '已撤回'), ('disbursed', '还款中'), ('repaid', '已还清'), ('compensated', '已代偿，追偿中'), ('recovered', '已追回'), ('written_off', '已核销'), ('taken_back', '接手已撤销')], default='applied', max_length=14, verbose_name='状态'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loan',
            trigger=pgtrigger.compiler.Trigger(name='loan_walks_the_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{applied:guaranteed,applied:refused,applied:withdrawn,compensated:disbursed,compensated:recovered,compensated:written_off,disbursed:compensated,disbursed:repaid,disbursed:taken_back,guaranteed:bank_declined,guaranteed:disbursed,guaranteed:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='34318f01bdd56d2a455b7694e7df4a4ee479676c', operation='UPDATE', pgid='pgtrigger_loan_walks_the_table_39497', table='ventures_loan', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loan',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_loanversion" ("applied_by_id", "applied_on", "bank", "bank_account", "compensated_fen", "compensated_on", "compensation_fund", "contract", "disbursed_fen", "disbursed_on", "division_code", "employer_id", "guaranteed_by_id", "guaranteed_fen", "guaranteed_on", "id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "receipt", "state", "taken_over_from", "wanted_fen") SELECT new_values."applied_by_id", new_values."applied_on", new_values."bank", new_values."bank_account", new_values."compensated_fen", new_values."compensated_on", new_values."compensation_fund", new_values."contract", new_values."disbursed_fen", new_values."disbursed_on", new_values."division_code", new_values."employer_id", new_values."guaranteed_by_id", new_values."guaranteed_fen", new_values."guaranteed_on", new_values."id", new_values."kind", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."rate", new_values."receipt", new_values."state", new_values."taken_over_from", new_values."wanted_fen" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0f374ab7ea2ffa1585e4b85e5f51ba0691045cbf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8f771', referencing='REFERENCING NEW TABLE AS new_values ', table='ventures_loan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loan',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_loanversion" ("applied_by_id", "applied_on", "bank", "bank_account", "compensated_fen", "compensated_on", "compensation_fund", "contract", "disbursed_fen", "disbursed_on", "division_code", "employer_id", "guaranteed_by_id", "guaranteed_fen", "guaranteed_on", "id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "receipt", "state", "taken_over_from", "wanted_fen") SELECT new_values."applied_by_id", new_values."applied_on", new_values."bank", new_values."bank_account", new_values."compensated_fen", new_values."compensated_on", new_values."compensation_fund", new_values."contract", new_values."disbursed_fen", new_values."disbursed_on", new_values."division_code", new_values."employer_id", new_values."guaranteed_by_id", new_values."guaranteed_fen", new_values."guaranteed_on", new_values."id", new_values."kind", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rate", new_values."receipt", new_values."state", new_values."taken_over_from", new_values."wanted_fen" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f024ea5558e627bd5c77ef78240af83aac9206ce', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4dbce', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='ventures_loan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loan',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_loanversion" ("applied_by_id", "applied_on", "bank", "bank_account", "compensated_fen", "compensated_on", "compensation_fund", "contract", "disbursed_fen", "disbursed_on", "division_code", "employer_id", "guaranteed_by_id", "guaranteed_fen", "guaranteed_on", "id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "receipt", "state", "taken_over_from", "wanted_fen") SELECT old_values."applied_by_id", old_values."applied_on", old_values."bank", old_values."bank_account", old_values."compensated_fen", old_values."compensated_on", old_values."compensation_fund", old_values."contract", old_values."disbursed_fen", old_values."disbursed_on", old_values."division_code", old_values."employer_id", old_values."guaranteed_by_id", old_values."guaranteed_fen", old_values."guaranteed_on", old_values."id", old_values."kind", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rate", old_values."receipt", old_values."state", old_values."taken_over_from", old_values."wanted_fen" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='0d355f5f5b7a69734409a46190a5b411d7dad735', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d2cae', referencing='REFERENCING OLD TABLE AS old_values ', table='ventures_loan', when='AFTER')),
        ),
        migrations.AddField(
            model_name='loantakeover',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人'),
        ),
        migrations.AddField(
            model_name='loantakeover',
            name='employer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loan_takeovers', to='registry.employer', verbose_name='创办的单位'),
        ),
        migrations.AddField(
            model_name='loantakeover',
            name='loan',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='takeover', to='ventures.loan', verbose_name='贷款'),
        ),
        migrations.AddField(
            model_name='loantakeover',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='loan_takeovers', to='registry.person', verbose_name='创业者'),
        ),
        migrations.AddField(
            model_name='loantakeover',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='decided_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='employer',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.employer', verbose_name='创办的单位'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='loan',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='ventures.loan', verbose_name='贷款'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='person',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.person', verbose_name='创业者'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='ventures.loantakeover'),
        ),
        migrations.AddField(
            model_name='loantakeoverevent',
            name='proposed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddConstraint(
            model_name='loantakeover',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('employer', 'kind'), name='takeover_proposed_once', violation_error_message='这个单位的这类贷款已经提出接手，等待确认。'),
        ),
        migrations.AddConstraint(
            model_name='loantakeover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['confirmed', 'undone']), _negated=True), models.Q(('decided_by__isnull', False), ('decided_on__isnull', False), ('loan__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='takeover_confirmed_by_another', violation_error_message='确认接手的不能是提出的人；请由另一位审批人员确认。'),
        ),
        migrations.AddConstraint(
            model_name='loantakeover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['dropped', 'undone']), _negated=True), models.Q(('decided_by__isnull', False), ('decided_on__isnull', False), models.Q(('ended_because', ''), _negated=True)), _connector='OR'), name='takeover_ended_with_reason', violation_error_message='不予接手或撤销接手必须写明理由。'),
        ),
        migrations.AddConstraint(
            model_name='loantakeover',
            constraint=models.CheckConstraint(condition=models.Q(('balance_fen__gt', 0), ('balance_fen__lte', models.F('principal_fen')), ('rate__gt', 0), ('subsidised_fen__gte', 0), ('earlier_loans__gte', 0), ('over_ceiling_fen__gte', 0), ('taken_from__gte', models.F('disbursed_on'))), name='takeover_amounts_in_order', violation_error_message='余额大于零且不超过放款金额，起算日不早于放款日期，贴息不为负。'),
        ),
        migrations.AddConstraint(
            model_name='loantakeover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document', ''), _negated=True), models.Q(('bank', ''), _negated=True), models.Q(('contract', ''), _negated=True)), name='takeover_rests_on_a_document', violation_error_message='接手必须写明银行、合同号和依据文件。'),
        ),
        migrations.AddConstraint(
            model_name='loantakeover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'personal'), ('loans_drawn__gte', 1), ('person__isnull', False)), models.Q(('kind', 'enterprise'), ('loans_drawn__isnull', True), ('person__isnull', True)), _connector='OR'), name='takeover_person_iff_personal', violation_error_message='个人贷款写明创业者和已获贷款次数（含本次），企业贷款不写。'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeover',
            trigger=pgtrigger.compiler.Trigger(name='takeover_walks_the_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{proposed:confirmed,proposed:dropped,confirmed:undone}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='b1a3391047db0f543d3909b9168556f646132678', operation='UPDATE', pgid='pgtrigger_takeover_walks_the_table_b922c', table='ventures_loantakeover', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeover',
            trigger=pgtrigger.compiler.Trigger(name='takeover_keeps_what_was_proposed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.employer_id IS DISTINCT FROM NEW.employer_id OR OLD.person_id IS DISTINCT FROM NEW.person_id OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.principal_fen IS DISTINCT FROM NEW.principal_fen OR OLD.balance_fen IS DISTINCT FROM NEW.balance_fen OR OLD.subsidised_fen IS DISTINCT FROM NEW.subsidised_fen OR OLD.rate IS DISTINCT FROM NEW.rate OR OLD.disbursed_on IS DISTINCT FROM NEW.disbursed_on OR OLD.taken_from IS DISTINCT FROM NEW.taken_from OR OLD.document IS DISTINCT FROM NEW.document OR OLD.proposed_by_id IS DISTINCT FROM NEW.proposed_by_id)', func="RAISE EXCEPTION '提出的内容不能修改；有错的请不予接手，再重新提出。' USING ERRCODE = 'check_violation', CONSTRAINT = 'takeover_keeps_what_was_proposed';", hash='39e030fc9414ffea8cf41dd320945730869cab60', operation='UPDATE', pgid='pgtrigger_takeover_keeps_what_was_proposed_c6a9b', table='ventures_loantakeover', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeover',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='f5746ccd4c700cb069198918ce82e4806ed031ca', operation='DELETE', pgid='pgtrigger_kept_94435', table='ventures_loantakeover', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeover',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_loantakeoverevent" ("balance_fen", "bank", "bank_account", "contract", "decided_by_id", "decided_on", "differs_because", "disbursed_on", "division_code", "document", "earlier_loans", "employer_id", "ended_because", "id", "kind", "loan_id", "loans_drawn", "over_ceiling_fen", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan", "principal_fen", "proposed_by_id", "proposed_on", "rate", "register_says", "register_start", "state", "subsidised_fen", "taken_from") SELECT new_values."balance_fen", new_values."bank", new_values."bank_account", new_values."contract", new_values."decided_by_id", new_values."decided_on", new_values."differs_because", new_values."disbursed_on", new_values."division_code", new_values."document", new_values."earlier_loans", new_values."employer_id", new_values."ended_because", new_values."id", new_values."kind", new_values."loan_id", new_values."loans_drawn", new_values."over_ceiling_fen", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."plan", new_values."principal_fen", new_values."proposed_by_id", new_values."proposed_on", new_values."rate", new_values."register_says", new_values."register_start", new_values."state", new_values."subsidised_fen", new_values."taken_from" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0cbc5acd1cce90eada33914f5d77d2f4d49b89dc', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2932b', referencing='REFERENCING NEW TABLE AS new_values ', table='ventures_loantakeover', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeover',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_loantakeoverevent" ("balance_fen", "bank", "bank_account", "contract", "decided_by_id", "decided_on", "differs_because", "disbursed_on", "division_code", "document", "earlier_loans", "employer_id", "ended_because", "id", "kind", "loan_id", "loans_drawn", "over_ceiling_fen", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan", "principal_fen", "proposed_by_id", "proposed_on", "rate", "register_says", "register_start", "state", "subsidised_fen", "taken_from") SELECT new_values."balance_fen", new_values."bank", new_values."bank_account", new_values."contract", new_values."decided_by_id", new_values."decided_on", new_values."differs_because", new_values."disbursed_on", new_values."division_code", new_values."document", new_values."earlier_loans", new_values."employer_id", new_values."ended_because", new_values."id", new_values."kind", new_values."loan_id", new_values."loans_drawn", new_values."over_ceiling_fen", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plan", new_values."principal_fen", new_values."proposed_by_id", new_values."proposed_on", new_values."rate", new_values."register_says", new_values."register_start", new_values."state", new_values."subsidised_fen", new_values."taken_from" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='23da93d80e50c656089045cffb7569abd9e121da', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_cb606', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='ventures_loantakeover', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeover',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "ventures_loantakeoverevent" ("balance_fen", "bank", "bank_account", "contract", "decided_by_id", "decided_on", "differs_because", "disbursed_on", "division_code", "document", "earlier_loans", "employer_id", "ended_because", "id", "kind", "loan_id", "loans_drawn", "over_ceiling_fen", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan", "principal_fen", "proposed_by_id", "proposed_on", "rate", "register_says", "register_start", "state", "subsidised_fen", "taken_from") SELECT old_values."balance_fen", old_values."bank", old_values."bank_account", old_values."contract", old_values."decided_by_id", old_values."decided_on", old_values."differs_because", old_values."disbursed_on", old_values."division_code", old_values."document", old_values."earlier_loans", old_values."employer_id", old_values."ended_because", old_values."id", old_values."kind", old_values."loan_id", old_values."loans_drawn", old_values."over_ceiling_fen", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plan", old_values."principal_fen", old_values."proposed_by_id", old_values."proposed_on", old_values."rate", old_values."register_says", old_values."register_start", old_values."state", old_values."subsidised_fen", old_values."taken_from" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f9e891c3b0d18e96033098be957c00e8a62276cd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c058a', referencing='REFERENCING OLD TABLE AS old_values ', table='ventures_loantakeover', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='loantakeoverevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fe1418379fe178a3269034078a9c5251eedd6ddc', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d5c41', table='ventures_loantakeoverevent', when='BEFORE')),
        ),
    ]
