"""A demonstration city that was laid before deliveries of rows were noted counts as having delivered them whole."""

from django.db import migrations

MARK = """
INSERT INTO registry_registerdelivery (register, entity, as_of, complete, row_count, source, imported_at)
SELECT rows.register, rows.entity, laid.as_of, TRUE, 0, laid.source, laid.imported_at
  FROM (VALUES ('insurance', 'contribution'), ('insurance', 'employer_figures'), ('births', 'birth'),
               ('skill_assessments', 'certificate'), ('employment_services', 'training'),
               ('labour_filings', 'apprenticeship')) AS rows (register, entity),
       (SELECT DISTINCT as_of, source, imported_at FROM registry_registerdelivery
         WHERE complete AND source = '演示城市（合成数据）') AS laid
 ORDER BY rows.entity, laid.as_of
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_delivered_rows")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
