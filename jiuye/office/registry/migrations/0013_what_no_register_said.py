"""Whether an employer is a traineeship base is empty where nobody has said it; a demonstration city counts as having said all of it."""

from django.db import migrations, models

# A base that was taken off the list again was said to be none: its history shows that it was one.
SILENT = """
UPDATE registry_employer e SET traineeship_base = NULL
 WHERE NOT e.traineeship_base
   AND NOT EXISTS (SELECT FROM registry_employerevent v WHERE v.pgh_obj_id = e.id AND v.traineeship_base)
"""
NO_AGAIN = "UPDATE registry_employer SET traineeship_base = FALSE WHERE traineeship_base IS NULL"
MARK = """
INSERT INTO registry_registerdelivery (register, entity, as_of, complete, row_count, source, imported_at)
SELECT rows.register, rows.entity, laid.as_of, TRUE, 0, laid.source, laid.imported_at
  FROM (VALUES ('traineeship_bases', 'traineeship_base'), ('education', 'student'), ('disability', 'disabled'),
               ('civil_affairs', 'subsistence_allowance'), ('veterans', 'veteran'), ('insurance', 'pensioner')
       ) AS rows (register, entity),
       (SELECT DISTINCT as_of, source, imported_at FROM registry_registerdelivery
         WHERE complete AND source = '演示城市（合成数据）') AS laid
 ORDER BY rows.entity, laid.as_of
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0012_accounts_end_at_death")]

    operations = [
        migrations.AlterField(
            model_name="employer",
            name="traineeship_base",
            field=models.BooleanField(blank=True, null=True, verbose_name="就业见习基地"),
        ),
        migrations.AlterField(
            model_name="employerevent",
            name="traineeship_base",
            field=models.BooleanField(blank=True, null=True, verbose_name="就业见习基地"),
        ),
        migrations.RunSQL(SILENT, NO_AGAIN),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
