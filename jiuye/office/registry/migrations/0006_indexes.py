import django.contrib.postgres.indexes
from django.db import migrations

import jiuye.office.registry.models.people

# Every character and every two neighbours of a name, in small letters. An index needs a function that gives the same for ever.
GRAMS = """
CREATE FUNCTION registry_name_grams(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(name), start, letters)), '{}')
      FROM generate_series(1, length(name)) AS start, (VALUES (1), (2)) AS lengths (letters)
     WHERE start + letters - 1 <= length(name)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_things")]

    operations = [
        migrations.RunSQL(GRAMS, "DROP FUNCTION registry_name_grams(text)"),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                jiuye.office.registry.models.people.NameGrams("name"), name="person_name_grams"
            ),
        ),
    ]
