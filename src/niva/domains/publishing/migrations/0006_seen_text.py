from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0005_deaths_and_following")]

    operations = [
        migrations.AddField(
            "publication",
            "seen_text",
            models.TextField(
                blank=True,
                default="",
                db_default="",
                help_text="what stands there, where it is not what was sent",
            ),
        ),
    ]
