"""Posts from before the desk: shown, brought in once, taken back; traps of exports."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics.figures import Scope, figure
from niva.domains.metrics.models import Daily, Latest, PostNumbers, Reading
from niva.domains.metrics.periods import Period
from niva.domains.metrics.rollups import rebuild
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.publishing.models import Post, Publication
from niva.flows import history_in
from niva.flows.history_rows import day_first_in, field_of, guess, moment
from niva.kit.sheets import Column, write

pytestmark = pytest.mark.django_db
META = """Description,Publish time,Permalink,Post type,Date,Data,Views,Reach,Likes,Shares,Comments,Saves
"Мёд, липовый",05/21/2025 07:30,https://www.instagram.com/p/AAA/,IG carousel,Lifetime,,"1,250",900,40,3,5,7
Прополис,05/06/2025 19:05,https://www.instagram.com/p/BBB/,IG reel,Lifetime,,5000,4100,210,,12,33
"""
VK = """Дата публикации;Ссылка;Текст;Тип;Просмотры;Лайки
21.05.2025 07:30;https://vk.com/wall-1_10;Мёд пошёл;Фото;1 250;40
22.05.2025;https://vk.com/wall-1_11;Опрос про мёд;Опрос;—;
32.05.2025;https://vk.com/wall-1_12;Не день;Фото;5;5
23.05.2025 10:00;;;Фото;5;5
23.05.2025 10:00;https://m.vk.com/wall-1_10;Снова;Фото;5;5
23.05.2025 11:00;https://vk.com/wall-1_13;Лайки словом;Фото;5;много
23.05.2099 11:00;https://vk.com/wall-1_14;Будущее;Фото;5;5
"""


@pytest.fixture
def place():
    return make_community(make_client(make_workspace()), time_zone="Europe/Moscow")


@pytest.fixture
def actor(place):
    return make_actor(place.workspace)


def begin(actor, place, text: str, encoding: str = "utf-8"):
    return history_in.begin(actor, community_id=place.pk, data=text.encode(encoding), name="export.csv")


def test_an_export_is_understood_by_its_heads_and_nothing_is_written(actor, place):
    row = begin(actor, place, META)
    seen = history_in.preview(row)
    first, second = seen.found.posts
    assert (first.at.isoformat(), first.format) == ("2025-05-21T07:30:00+03:00", "album")
    assert first.values == {"views": 1250, "reach": 900, "likes": 40, "comments": 5, "reposts": 3, "saves": 7}
    assert "reposts" not in second.values  # empty is not zero
    assert second.format == "clip"
    assert not seen.choices.day_first and not seen.asks_day  # 05/21 can only be the 21st of May
    assert not Post.objects.exists() and not Reading.objects.exists()


def test_every_row_that_is_left_out_says_why(actor, place):
    with translation.override("en"):
        seen = history_in.preview(begin(actor, place, VK, "cp1251"))
    assert [one.text for one in seen.found.posts] == ["Мёд пошёл", "Опрос про мёд"]
    assert {one.line: one.why.split(" ")[0] for one in seen.found.left}.keys() == {4, 5, 6, 7, 8}
    assert "twice" in next(one.why for one in seen.found.left if one.line == 6)


def test_posts_come_in_once_with_their_numbers_and_no_growth_of_today(actor, place):
    row = history_in.bring_in(actor, pk=begin(actor, place, META).pk)
    assert (row.state, row.made) == ("brought", 2)
    may = Period(dt.date(2025, 5, 1), dt.date(2025, 5, 31))
    scope = Scope(client_id=place.client_id)
    assert figure(actor, "reach", scope, may).value == 5000
    numbers = PostNumbers.objects.get(publication__url__endswith="AAA/")
    assert (numbers.format, numbers.hour, numbers.views) == ("album", 7, 1250)
    assert not Daily.objects.exclude(gained=0).exists()
    rebuild()
    assert not Daily.objects.exclude(gained=0).exists()
    assert figure(actor, "reach", scope, may).value == 5000
    assert history_in.bring_in(actor, pk=row.pk).made == 2
    assert Publication.objects.count() == 2


def test_a_later_file_tells_new_numbers_of_known_posts(actor, place):
    history_in.bring_in(actor, pk=begin(actor, place, META).pk)
    later = begin(actor, place, META.replace("5000", "5600"))
    seen = history_in.preview(later)
    assert (seen.found.fresh, len(seen.found.posts)) == (0, 2)
    assert history_in.bring_in(actor, pk=later.pk).made == 0
    assert Publication.objects.count() == 2
    assert Latest.objects.get(metric="views", value__gt=2000).value == 5600


def test_it_is_taken_back_whole(actor, place):
    row = history_in.bring_in(actor, pk=begin(actor, place, META).pk)
    own = Post.objects.create(workspace=place.workspace, client=place.client, text="Наш")
    history_in.take_back(actor, pk=row.pk)
    assert list(Post.objects.all()) == [own]
    assert not Publication.objects.exists() and not Latest.objects.exists() and not Reading.objects.exists()


def test_a_workbook_with_a_title_above_its_heads(actor, place):
    heads = [Column("Статистика", "text"), Column("", "text"), Column("", "number")]
    rows = [("Дата публикации", "Ссылка", "Охват"), ("21.05.2025 10:00", "https://t.me/mir/7", 512)]
    data = write("Лист", heads, rows)
    row = history_in.begin(actor, community_id=place.pk, data=data, name="tg.xlsx")
    (one,) = history_in.preview(row).found.posts
    assert (one.values, f"{one.at:%d.%m.%Y %H:%M}") == ({"reach": 512.0}, "21.05.2025 10:00")


def test_slashed_days_that_could_be_either_are_asked(actor, place):
    text = "Publish time,Permalink,Likes\n05/06/2025 07:30 PM,https://x.com/a/1,3\n"
    row = begin(actor, place, text)
    seen = history_in.preview(row)
    assert seen.asks_day and f"{seen.found.posts[0].at:%d.%m %H:%M}" == "05.06 19:30"
    choices = seen.choices
    other = history_in.choose(actor, pk=row.pk, columns=choices.columns, zone="America/Los_Angeles",
                              day_first=False, as_of=choices.as_of)  # fmt: skip
    at = history_in.preview(other).found.posts[0].at
    assert at.astimezone(dt.UTC).isoformat() == "2025-05-07T02:30:00+00:00"


def test_wrong_choices_are_told(actor, place):
    row = begin(actor, place, META)
    good = history_in.preview(row).choices
    for change, name in (
        ({"columns": {0: "likes", 1: "likes"}}, "columns"), ({"columns": {0: "salary"}}, "columns"),
        ({"zone": "Mars/Olympus"}, "zone"), ({"as_of": dt.date(2199, 1, 1)}, "as_of"),
    ):  # fmt: skip
        given = {"columns": good.columns, "zone": good.zone, "day_first": True, "as_of": good.as_of}
        with pytest.raises(Invalid) as caught:
            history_in.choose(actor, pk=row.pk, **(given | change))
        assert name in caught.value.errors


def test_strangers_and_readers(actor, place):
    row = begin(actor, place, META)
    with pytest.raises(NotFound):
        history_in.get(make_actor(make_workspace()), row.pk)
    with pytest.raises((NotFound, Forbidden)):
        history_in.begin(
            make_actor(place.workspace, "member"), community_id=place.pk, data=b"a;b\n1;2", name="x"
        )


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", "дата;ссылка\n".encode()])
def test_what_is_no_table_is_said(actor, place, data):
    with pytest.raises(Invalid):
        history_in.begin(actor, community_id=place.pk, data=data, name="x")


def test_a_column_of_days_that_says_lifetime_is_not_the_day():
    rows = [["Date", "Publish time"], ["Lifetime", "05/21/2025 07:30"]]
    assert guess(rows) == {1: "published"}
    assert day_first_in(rows, {1: "published"}) is False
    assert field_of("Название видео") == "text" and field_of("бюджет") == ""


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("2025-05-21T07:30:00+0300", "2025-05-21T07:30:00+03:00"),
        ("21 мая 2025 г., 07:30", "2025-05-21T07:30:00+03:00"),
        ("21.05.2025", "2025-05-21T12:00:00+03:00"),
        ({"d": "2025-05-21T07:30:00"}, "2025-05-21T07:30:00+03:00"),
        ("99.99.2025", None), ("", None), (None, None), ("Lifetime", None), (45798, None),
    ],
)  # fmt: skip
def test_moments(cell, told):
    found = moment(cell, None, zone="Europe/Moscow", day_first=True)
    assert (found.isoformat() if found else None) == told
