import jiuye.office.entitlements.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0003_horizon")]

    operations = [
        migrations.CreateModel(
            name="ColumnState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=32, verbose_name="标记")),
                ("snapshot", models.TextField(verbose_name="快照")),
                ("read_at", models.DateTimeField(verbose_name="读取时间")),
            ],
            options={"verbose_name": "判定数据的读取"},
        ),
        migrations.CreateModel(
            name="FactChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("xid", jiuye.office.entitlements.models.TransactionIdField(db_index=True, verbose_name="事务")),
                ("table_name", models.CharField(max_length=63, verbose_name="表")),
                ("keys", models.JSONField(null=True, verbose_name="标识")),
            ],
            options={"verbose_name": "待读的变动"},
        ),
        migrations.AddField(
            model_name="sweep",
            name="reading",
            field=models.JSONField(default=dict, verbose_name="读取"),
        ),
        # The triggers themselves are installed after every migration (apps.py), for whatever tables facts are read from then.
        migrations.RunSQL(
            migrations.RunSQL.noop, "DROP FUNCTION IF EXISTS entitlements_note_change() CASCADE"
        ),
    ]
