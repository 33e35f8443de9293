"""Communities that people keep by hand, and feeds for networks that import one."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0004_slot_rubric")]
    operations = [
        migrations.AddField(
            model_name="community",
            name="by_hand",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="people publish there; the desk makes the task at the hour and takes the link as proof",
            ),
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("token", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                ("fetched_by", models.CharField(blank=True, max_length=200)),
                (
                    "community",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feed",
                        to="communities.community",
                    ),
                ),
            ],
        ),
    ]
