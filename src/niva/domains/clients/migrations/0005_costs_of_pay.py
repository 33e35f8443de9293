from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0004_editorial_office")]
    operations = [
        migrations.AddField(
            "cost",
            "key",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="what wrote it down: 'pay:12' is a pay sheet; it is mended there, may be negative",
                max_length=40,
            ),
        ),
        migrations.RemoveConstraint("cost", "cost_not_negative"),
        migrations.AddConstraint(
            "cost",
            models.CheckConstraint(
                condition=models.Q(amount__gte=0) | ~models.Q(key=""), name="cost_not_negative"
            ),
        ),
        migrations.AddConstraint(
            "cost",
            models.UniqueConstraint(
                condition=~models.Q(key=""), fields=("client", "key"), name="cost_key_once"
            ),
        ),
    ]
