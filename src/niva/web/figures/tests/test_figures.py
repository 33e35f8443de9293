"""Numbers that people bring: typed in, imported, told apart, and never written before somebody says yes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.communities.factories import make_community
from niva.domains.metrics.models import Daily, Latest, PostNumbers, Reading, Subject
from niva.domains.metrics.services import ingest
from niva.domains.people.models import AuditEvent
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.kit.sheets import Column, write
from niva.networks.base.types import Measure
from niva.web.posts.tests.conftest import Farm

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
LINK = "https://forum.example.org/topic/7"


class Scene:
    def __init__(self) -> None:
        self.farm = Farm()
        self.place = make_community(self.farm.client, "elsewhere", name="Форум", by_hand=True)
        self.browser = self.farm.browser()
        post = make_post(self.place, title="Жатва")
        schedule.schedule(make_actor(self.farm.workspace), post_id=post.pk)
        delivery = Delivery.objects.get(post=post)
        Delivery.objects.update(state="published")
        self.out = Publication.objects.create(
            workspace=self.farm.workspace, client=self.farm.client, delivery=delivery, community=self.place,
            post=post, revision=delivery.revision, remote_id=LINK, url=LINK, sight="untold",
            published_at=timezone.now() - timedelta(days=5), extra={"by_hand": True, "said_by_person": True},
        )  # fmt: skip
        self.today = timezone.now().astimezone(MOSCOW).date()

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    def upload(self, text: str | bytes, encoding: str = "utf-8"):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        file = SimpleUploadedFile("числа.csv", data)
        return self.browser.post(f"/numbers/communities/{self.place.pk}/preview/", {"file": file})

    def confirm(self, text: str) -> str:
        path = f"/numbers/communities/{self.place.pk}/import/"
        return self.browser.post(path, {"text": text}, follow=True).content.decode()

    def followers(self) -> list[tuple[date, float, float]]:
        rows = Daily.objects.filter(community=self.place, subject=Subject.COMMUNITY, metric="followers")
        return [(one.day, one.gained, one.level) for one in rows.order_by("day")]


@pytest.fixture
def scene(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return Scene()


def test_numbers_of_a_community_are_typed_in_and_told_apart(scene):
    path = f"/numbers/communities/{scene.place.pk}/"
    page = scene.browser.post(path, {"day": scene.today, "followers": "1 240"}, follow=True).content.decode()
    assert "1 number is kept." in page
    latest = Latest.objects.get(subject=Subject.COMMUNITY, metric="followers")
    assert (latest.value, latest.source) == (1240, "hand")
    assert AuditEvent.objects.get(verb="numbers.typed").details["what"] == "followers"
    again = scene.browser.post(path, {"day": scene.today, "followers": "1240"}, follow=True).content.decode()
    assert "nothing has changed" in again
    assert Reading.objects.count() == 1


def test_numbers_of_a_post_stand_on_its_page_with_their_source(scene):
    scene.browser.post(f"/numbers/posts/{scene.out.pk}/", {"day": scene.today, "views": "512", "likes": "31"})
    page = scene.browser.get(f"/posts/{scene.out.post_id}/").content.decode()
    assert "512" in page and "typed in" in page


WRONG = (
    ({}, "at least one number"),
    ({"followers": "много"}, "Write a number"),
    ({"followers": "-5"}, "Zero or more"),
    ({"followers": "5", "day": "2999-01-01"}, "has not come yet"),
    ({"followers": "5", "day": "nonsense"}, "valid date"),
    ({"followers": "5", "day": "1999-01-01"}, "ten years ago"),
)


@pytest.mark.parametrize(("typed", "words"), WRONG)
def test_what_cannot_be_is_said_and_what_was_typed_stays(scene, typed, words):
    answer = scene.browser.post(
        f"/numbers/communities/{scene.place.pk}/", {"day": scene.today, "visitors": "77", **typed}
        if typed else {"day": scene.today}
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert not typed or 'value="77"' in page
    assert not Reading.objects.exists()


def test_a_post_that_was_shown_for_money_says_so_and_is_kept_apart(scene):
    pk = Publication.objects.get().pk
    page = scene.browser.post(f"/numbers/posts/{pk}/paid/", {"paid": "1"}, follow=True).content.decode()
    assert PostNumbers.objects.get(pk=pk).paid and "Nobody paid for it" in page
    scene.browser.post(f"/numbers/posts/{pk}/paid/", {"paid": "0"})
    assert not PostNumbers.objects.get(pk=pk).paid


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_table_is_understood_in_any_make_and_nothing_is_written_before_yes(scene, encoding, delimiter):
    rows = [
        ("Дата", "Ссылка на пост", "Подписчики", "Просмотры", "Заметка"),
        (f"{scene.day(2):%d.%m.%Y}", "", "1 240", "", "ура"),
        (f"{scene.day(1):%Y-%m-%d}", "http://www.forum.example.org/topic/7/", "", "512", ""),
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    page = scene.upload(text, encoding).content.decode()
    assert "New: 2." in page and "Жатва" in page and "Заметка" in page
    assert not Reading.objects.exists()
    assert "2 numbers are kept." in scene.confirm(text)
    assert set(Latest.objects.values_list("metric", "value", "source")) == {
        ("followers", 1240.0, "import"), ("views", 512.0, "import"),
    }  # fmt: skip


def test_a_workbook_is_understood_like_a_table_in_text(scene):
    heads = [Column("Дата", "day"), Column("Ссылка на пост"), Column("Подписчики", "number"),
             Column("Просмотры", "number")]  # fmt: skip
    rows = [(scene.day(2), "", 1240, None), (scene.day(1), "forum.example.org/topic/7", None, 12.345)]
    page = scene.upload(write("Статистика", heads, rows)).content.decode()
    assert "New: 2." in page and "12.345" in page.replace(",", ".")
    for bad, words in ((b"PK\x03\x04", "cannot be read"), (b"PK" + b"x" * 400, "cannot be read")):
        answer = scene.upload(bad)
        assert answer.status_code == 422 and words in answer.content.decode()


def test_the_same_table_twice_changes_nothing_and_a_corrected_one_corrects(scene):
    text = f"date;followers\n{scene.day(2)};100\n{scene.day(1)};110\n"
    scene.confirm(text)
    before = list(Reading.objects.order_by("at").values_list("at", "value"))
    assert scene.followers() == [(scene.day(2), 0, 100), (scene.day(1), 10, 110)]
    page = scene.upload(text).content.decode()
    assert "Here already: 2." in page and "nothing to keep" in page
    assert "nothing has changed" in scene.confirm(text)
    assert list(Reading.objects.order_by("at").values_list("at", "value")) == before
    assert AuditEvent.objects.filter(verb="numbers.imported").count() == 1
    corrected = text.replace(";100", ";90")
    assert "Other than before: 1." in scene.upload(corrected).content.decode()
    scene.confirm(corrected)
    assert scene.followers() == [(scene.day(2), 0, 90), (scene.day(1), 20, 110)]


def test_the_past_comes_before_what_the_network_told_and_the_latest_stays(scene):
    now = timezone.now()
    ingest(community=scene.place, subject=Subject.COMMUNITY, subject_id=scene.place.pk,
           readings=(Measure("followers", 150),), at=now)  # fmt: skip
    scene.confirm(f"date;followers\n{scene.day(3)};100\n")
    latest = Latest.objects.get(metric="followers")
    assert (latest.value, latest.source) == (150, "network")
    assert scene.followers() == [(scene.day(3), 0, 100), (scene.today, 50, 150)]


def test_a_posts_first_number_is_growth(scene):
    scene.confirm(f"date;link;views\n{scene.day(3)};{LINK};40\n{scene.day(1)};{LINK};100\n")
    rows = Daily.objects.filter(subject=Subject.PUBLICATION, metric="views").order_by("day")
    assert [(one.day, one.gained) for one in rows] == [(scene.day(3), 40), (scene.day(1), 60)]


def test_every_wrong_line_is_named_with_its_number_and_the_rest_is_taken(scene):
    lines = [
        "date;link;followers;views",
        f"{scene.day(1)};;100;",
        "вчера;;100;",
        f"{scene.day(2)};;сто;",
        f"{scene.day(2)};https://forum.example.org/topic/99;;5",
        f"{scene.day(1)};;101;",
        f"{scene.day(9)};{LINK};;5",
        f"{scene.day(4)};;;5",
        f"{scene.day(3)};;;",
        "2999-01-01;;5;",
    ]
    text = "\n".join(lines)
    page = scene.upload(text).content.decode()
    said = ("7 lines are left out", "Line 3", "“вчера” is no day", "“сто” is no number", "has the link")
    more = ("stands in the table twice", "was not out yet", "the line has no link: views", "has not come yet")
    for words in (*said, *more):
        assert words in page, words
    scene.confirm(text)
    assert Reading.objects.count() == 1


NO_TABLES = (
    (b"", "The table is empty"),
    (b"\x89PNG\x00", "no table in text"),
    ("подписчики\n5".encode(), "Only one column"),
    (b"a;b\n1;2", "must name the columns"),
    (b"x" * (1024 * 1024 + 1), "larger than 1 MB"),
)


@pytest.mark.parametrize(("data", "words"), NO_TABLES)
def test_what_is_no_table_of_numbers_is_said(scene, data, words):
    answer = scene.upload(data)
    assert answer.status_code == 422 and words in answer.content.decode()


def test_the_template_goes_in_as_it_comes_out(scene):
    answer = scene.browser.get(f"/numbers/communities/{scene.place.pk}/template.csv")
    text = answer.content.decode()
    assert text.startswith("\ufeffday;link;followers") and LINK in text
    assert "nothing to keep" in scene.upload(answer.content).content.decode()
    filled = text.replace(f"{LINK};;;;;;", f"{LINK};;;;;9;")
    assert "New: 1." in scene.upload(filled).content.decode()


def test_who_only_looks_brings_nothing_and_strangers_find_nothing(scene):
    place = f"/numbers/communities/{scene.place.pk}/"
    for user, status in ((scene.farm.klava, 403), (scene.farm.zoya, 404)):
        browser = scene.farm.browser(user)
        for path in (place, f"{place}template.csv", f"/numbers/posts/{scene.out.pk}/"):
            assert browser.get(path).status_code == status
        answer = browser.post(f"{place}import/", {"text": "date;followers\n2026-01-01;5"})
        assert answer.status_code == status
    assert not Reading.objects.exists()


def test_a_link_of_another_community_is_not_known(scene):
    other = make_community(scene.farm.client, "elsewhere", name="Чат", by_hand=True)
    page = scene.browser.post(
        f"/numbers/communities/{other.pk}/preview/",
        {"file": SimpleUploadedFile("a.csv", f"date;link;views\n{scene.day(1)};{LINK};5".encode())},
    ).content.decode()
    assert "has the link" in page


def test_the_moment_of_a_past_day_is_its_end(scene):
    scene.confirm(f"date;followers\n{scene.day(2)};100\n")
    at = Reading.objects.get().at.astimezone(MOSCOW)
    assert at == datetime(at.year, at.month, at.day, 23, 59, tzinfo=MOSCOW) and at.date() == scene.day(2)
