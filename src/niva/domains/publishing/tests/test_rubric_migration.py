"""Rubrics that were words typed into posts become rows, one a client and spelling."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import connection, models

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Post
from niva.domains.strategy.models import Rubric

migration = importlib.import_module("niva.domains.publishing.migrations.0003_series")


class Before:
    """The registry as the migration meets it: a post still has the typed word beside the row."""

    def __init__(self, post: type[models.Model]) -> None:
        self.post = post

    def get_model(self, app: str, name: str) -> type[models.Model]:
        return self.post if name == "Post" else apps.get_model(app, name)


@pytest.mark.django_db(transaction=True)
def test_words_become_rows():
    client = make_client(make_workspace())
    other = make_client(client.workspace, name="Другой")
    here, there = make_community(client), make_community(other)
    words = [
        (here, "Рецепты"),
        (here, "Рецепты"),
        (here, " рецепты "),
        (here, "Люди"),
        (here, ""),
        (there, "Люди"),
    ]
    posts = [make_post(place).pk for place, _word in words]
    word = models.CharField(max_length=60, default="")
    word.set_attributes_from_name("rubric_name")
    word.model = Post
    with connection.schema_editor() as editor:
        editor.add_field(Post, word)
    try:
        with connection.cursor() as cursor:
            for pk, (_place, typed) in zip(posts, words, strict=True):
                cursor.execute("update publishing_post set rubric_name = %s where id = %s", [typed, pk])

        class Old(models.Model):
            workspace = models.ForeignKey("people.Workspace", models.CASCADE, related_name="+")
            client = models.ForeignKey("clients.Client", models.CASCADE, related_name="+")
            rubric = models.ForeignKey(Rubric, models.SET_NULL, null=True, related_name="+")
            rubric_name = models.CharField(max_length=60)

            class Meta:
                app_label = "publishing"
                db_table = "publishing_post"
                managed = False

        with connection.schema_editor() as editor:
            migration.rubrics_of_posts(Before(Old), editor)
    finally:
        apps.all_models["publishing"].pop("old", None)
        apps.clear_cache()
        with connection.schema_editor() as editor:
            editor.remove_field(Post, word)
    found = dict(Post.objects.values_list("pk", "rubric__name"))
    assert [found[pk] for pk in posts] == ["Рецепты", "Рецепты", "Рецепты", "Люди", None, "Люди"]
    assert Rubric.objects.filter(client=client).count() == 2
    assert list(Rubric.objects.filter(client=client).values_list("position", flat=True)) == [0, 1]
