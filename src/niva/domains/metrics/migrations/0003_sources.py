"""Where a value comes from: told by the network, typed in by hand, imported from a table."""

from django.db import migrations, models

COLUMN = "alter table metrics_reading add column source varchar(8) not null default 'network'"
KEPT = models.CharField(db_default="network", default="network", help_text="network, hand, import", max_length=8)


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_readings")]
    operations = [
        migrations.RunSQL(COLUMN, "alter table metrics_reading drop column source"),
        migrations.AddField("reading", "source", KEPT),  # of an unmanaged table: the state alone
        migrations.AddField("latest", "source", KEPT),
    ]
