"""Tables of the job engine (PgQueuer 1.6)."""

from django.db import migrations

from niva.kit.jobs.schema import install_sql, uninstall_sql


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(sql=install_sql(), reverse_sql=uninstall_sql())]
