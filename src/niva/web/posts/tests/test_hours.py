"""An hour of its own for one community, what a post that is out everywhere offers, files without scripts."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.communities.models import Community
from niva.domains.publishing.models import Delivery, Variant
from niva.domains.publishing.services import schedule
from niva.web.posts.tests.conftest import picture
from niva.web.posts.tests.test_pages import tomorrow


def own_hour(farm, network: str, day: str, at: str) -> dict[str, str]:
    pk = farm.variants[network].pk
    return {f"day-{pk}": day, f"at-{pk}": at}


def hour_of(farm, network: str) -> dt.datetime | None:
    return Variant.objects.get(pk=farm.variants[network].pk).planned_at


def test_one_community_goes_out_at_another_hour_by_its_own_clock(farm, save):
    Community.objects.filter(pk=farm.variants["vk"].community_id).update(time_zone="Asia/Vladivostok")
    day, at = tomorrow(19)
    assert save(**own_hour(farm, "vk", day, "09:30")).status_code == 200
    zone = ZoneInfo("Asia/Vladivostok")
    assert hour_of(farm, "vk") == dt.datetime.fromisoformat(f"{day}T09:30").replace(tzinfo=zone)
    assert hour_of(farm, "telegram") is None
    save(do="schedule", day=day, at=at, **own_hour(farm, "vk", day, "09:30"))
    due = {one.community.network: one.due_at for one in Delivery.objects.select_related("community")}
    assert due["vk"] == hour_of(farm, "vk")
    assert due["telegram"].astimezone(ZoneInfo("Europe/Moscow")).strftime("%H:%M") == at
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert f'name="at-{farm.variants["vk"].pk}" value="09:30"' in page
    save(**own_hour(farm, "vk", "", ""))
    assert hour_of(farm, "vk") is None


@pytest.mark.parametrize(
    ("day", "at", "sentence"),
    [
        ("2020-01-01", "10:00", "This hour has passed"),
        ("tomorrow", "10:00", "Choose a day and an hour"),
        ("", "10:00", "Choose a day and an hour"),
        ("9999-01-01", "10:00", "Check the year"),
    ],
)
def test_an_hour_that_cannot_be_is_named_at_its_community_and_stays_in_its_boxes(
    farm, save, day, at, sentence
):
    pk = farm.variants["vk"].pk
    answer = save(text="Новый текст", **own_hour(farm, "vk", day, at)).json()
    assert sentence in answer["html"][f"#say-at-{pk}"]
    farm.post.refresh_from_db()
    assert farm.post.text == "Новый текст", "the rest is kept"
    assert hour_of(farm, "vk") is None
    page = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(**own_hour(farm, "vk", day, at)))
    assert page.status_code == 422
    assert f'name="at-{pk}" value="{at}"' in page.content.decode()


def test_a_post_that_is_out_everywhere_offers_no_schedule_but_what_can_still_be_done(farm):
    actor = make_actor(farm.workspace, language="en")
    schedule.schedule(actor, post_id=farm.post.pk)
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert 'value="now"' in page
    Delivery.objects.update(state="published", wake_at=None)
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert 'value="now"' not in page
    assert 'value="schedule"' not in page
    assert "hour-menu" not in page
    assert "Update or take down" in page
    assert "Once more, as a new draft" in page


def _with_file(farm, name: str = "поле.jpg", content: bytes | None = None, **changes):
    file = SimpleUploadedFile(name, picture() if content is None else content)
    return farm.browser().post(f"/posts/{farm.post.pk}/files/", farm.form(file=file, **changes))


def test_without_scripts_a_file_comes_along_with_the_form_and_nothing_typed_is_lost(farm):
    answer = _with_file(farm, text="С картинкой")
    assert answer.status_code == 302
    assert answer["Location"] == f"/posts/{farm.post.pk}/edit/"
    farm.post.refresh_from_db()
    assert farm.post.text == "С картинкой"
    assert [item.asset.name for item in farm.post.media.all()] == ["поле.jpg"]
    _with_file(farm, "второй.jpg", media=[item.asset_id for item in farm.post.media.all()])
    assert [item.asset.name for item in farm.post.media.all()] == ["поле.jpg", "второй.jpg"]


def test_a_file_that_is_none_is_told_and_the_text_is_kept(farm):
    answer = _with_file(farm, content=b"no picture", text="Текст цел")
    assert answer.status_code == 302
    farm.post.refresh_from_db()
    assert (farm.post.text, farm.post.media.count()) == ("Текст цел", 0)
    page = farm.browser().get(answer["Location"]).content.decode()
    assert "С картинкой" not in page


def test_the_clock_of_a_passed_hour_that_was_kept_before_is_no_error(farm, save):
    passed = timezone.now() - dt.timedelta(days=2)
    passed = passed.replace(second=0, microsecond=0)
    Variant.objects.filter(pk=farm.variants["vk"].pk).update(planned_at=passed)
    local = passed.astimezone(ZoneInfo("Europe/Moscow"))
    fields = own_hour(farm, "vk", f"{local:%Y-%m-%d}", f"{local:%H:%M}")
    assert "passed" not in save(**fields).json()["html"][f"#say-at-{farm.variants['vk'].pk}"]
    assert hour_of(farm, "vk") == passed
