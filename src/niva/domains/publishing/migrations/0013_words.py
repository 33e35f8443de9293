"""The words of posts, variants and remarks, stored for the search; see `kit/full_text.py`.

A `tsvector` may weigh 1 MB: the own words of a variant are taken up to their 60,000th character, so that no
text, however odd, is refused because of the search.
"""

from django.db import migrations

from niva.kit.full_text import add_words, words_sql

POST = words_sql(("title", "A"), ("left(text, 100000)", "B"), ("left(first_comment, 10000)", "C"))
VARIANT = " || ".join(
    [
        words_sql(
            ("left(coalesce(own_text, ''), 60000)", "B"),
            ("left(coalesce(own_first_comment, ''), 10000)", "C"),
        ),
        "to_tsvector('russian', coalesce(own_thread -> 'parts', '[]'::jsonb))",
    ]
)
REMARK = words_sql(("text", "B"))


class Migration(migrations.Migration):
    dependencies = [("publishing", "0012_editorial_office")]

    operations = [
        migrations.RunSQL(*add_words("publishing_post", POST)),
        migrations.RunSQL(*add_words("publishing_variant", VARIANT)),
        migrations.RunSQL(*add_words("publishing_remark", REMARK)),
    ]
