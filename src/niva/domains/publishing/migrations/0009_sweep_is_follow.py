"""The job that swept up deliveries follows publications now and is named so; its old rows go."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("publishing", "0008_own_thread")]

    operations = [
        migrations.RunSQL("delete from jobs_queue where entrypoint = 'sweep'", migrations.RunSQL.noop),
    ]
