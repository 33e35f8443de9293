"""The composer through its doors: begin, save and check, conflicts, sending; how many questions it asks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client
from niva.domains.communities.factories import make_slots
from niva.domains.publishing.models import Delivery, Post, PostMedia
from niva.domains.publishing.services import drafts, schedule
from niva.web.posts.tests.conftest import picture

JSON = {"accept": "application/json"}


def tomorrow(hour: int = 19) -> tuple[str, str]:
    day = (timezone.now() + dt.timedelta(days=1)).astimezone(ZoneInfo("Europe/Moscow")).date()
    return f"{day:%Y-%m-%d}", f"{hour:02}:00"


# Beginning


def test_the_only_client_is_taken_and_the_hour_of_the_calendar_too(farm):
    at = "2027-03-04T19:00:00+03:00"
    answer = farm.browser().get("/posts/new/", {"at": at})
    post = Post.objects.exclude(pk__in=[farm.post.pk, farm.strange_post.pk]).get()
    assert answer["Location"] == f"/posts/{post.pk}/edit/"
    assert post.planned_at == dt.datetime.fromisoformat(at)
    assert post.variants.count() == 5


def test_an_address_that_is_opened_twice_makes_one_draft(farm):
    browser = farm.browser()
    first = browser.get("/posts/new/")
    second = browser.get("/posts/new/", {"community": farm.communities[1].pk})
    assert first["Location"] == second["Location"]
    post = Post.objects.order_by("-pk").first()
    assert [one.community_id for one in post.variants.all()] == [farm.communities[1].pk]


def test_of_several_clients_one_is_chosen(farm):
    other = make_client(farm.workspace, name="Библиотека № 9")
    page = farm.browser().get("/posts/new/").content.decode()
    assert f"/posts/new/?client={other.pk}" in page
    assert "Чужой заказчик" not in page


@pytest.mark.parametrize("query", ["client={client}", "community={community}"])
def test_nobody_begins_a_post_for_strangers(farm, query):
    wanted = query.format(client=farm.strange_client.pk, community=farm.strange_community.pk)
    assert farm.browser().get(f"/posts/new/?{wanted}").status_code == 404


@pytest.mark.parametrize("wrong", ["client=x", "community=99999999999999999999", "client=%00"])
def test_numbers_that_are_none_are_nobodys(farm, wrong):
    assert farm.browser().get(f"/posts/new/?{wrong}").status_code == 404


def test_an_hour_that_is_none_is_left_out(farm):
    assert farm.browser().get("/posts/new/?at=yesterday").status_code == 302


def test_who_only_looks_cannot_begin(farm):
    assert farm.browser(farm.klava).get("/posts/new/").status_code == 403
    assert farm.browser(farm.klava).get(f"/posts/{farm.post.pk}/edit/").status_code == 403


# Saving and checking


def test_the_page_shows_every_network(farm):
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    for variant in farm.variants.values():
        assert f'id="panel-{variant.pk}"' in page
    assert "Practice network" in page
    assert "not confirmed" in page  # the length at VK, which names none


def test_a_save_tells_version_surplus_and_words(farm, save):
    answer = save(text="Рёбрышки " * 40).json()
    assert answer["version"] == 2
    assert answer["over"]["text"] == 300
    assert "60 characters too many: 360 of 300" in answer["html"]["#say-text"]
    assert "4 of 5 ready" in answer["html"]["#ready"]
    assert farm.form()["text"] == "Рёбрышки " * 40


def test_nothing_changed_is_no_new_version(farm, save):
    assert save().json()["version"] == 1


def test_a_surplus_after_emoji_is_counted_as_browsers_count(farm, save):
    answer = save(text="🌾" * 301).json()
    assert answer["over"]["text"] == 600  # 300 graphemes are 600 units of UTF-16


def test_a_text_of_its_own_and_back(farm, save):
    pk = farm.variants["bluesky"].pk
    answer = save(text="Рёбрышки " * 40, **{f"own-{pk}": "1", f"text-{pk}": "Коротко"}).json()
    assert "text" not in answer["over"]
    assert farm.variants["bluesky"].__class__.objects.get(pk=pk).own_text == "Коротко"
    answer = save(**{f"text-{pk}": "Коротко"}).json()
    assert answer["over"]["text"] == 300
    assert farm.variants["bluesky"].__class__.objects.get(pk=pk).own_text is None


def test_options_of_a_network_are_kept_and_nonsense_is_not(farm, save):
    pk = farm.variants["mastodon"].pk
    save(
        **{
            f"option-{pk}-visibility": "unlisted",
            f"option-{pk}-language": "klingon",
            f"option-{pk}-spoiler_text": "Еда",
            f"option-{pk}-sensitive": "1",
        }
    )
    assert farm.variants["mastodon"].__class__.objects.get(pk=pk).options == {
        "visibility": "unlisted",
        "spoiler_text": "Еда",
        "sensitive": True,
    }


def test_the_common_comment_stops_no_network_that_has_none(farm, save):
    answer = save(first_comment="Ссылка в комментарии").json()
    assert "5 of 5 ready" in answer["html"]["#ready"]
    assert "Ссылка в комментарии" in answer["html"]["#previews"]


def test_files_in_their_order_with_their_words(farm, save):
    one, two = farm.take(picture()), farm.take(picture(800, 600), name="b.jpg")
    save(media=[two.pk, one.pk], **{f"alt-{two.pk}": "Поле"})
    assert [(item.asset_id, item.alt) for item in farm.post.media.all()] == [(two.pk, "Поле"), (one.pk, "")]


def test_a_network_takes_only_some_of_the_files(farm, save):
    files = [farm.take(picture(300 + n, 200), name=f"{n}.jpg") for n in range(5)]
    pks = [file.pk for file in files]
    answer = save(media=pks).json()
    assert "at most, here are 5" in answer["html"]["#say-media"]
    boxes = {}
    for network in ("bluesky", "mastodon"):
        pk = farm.variants[network].pk
        boxes |= {f"media-here-{pk}": "1", f"box-{pk}": pks, f"media-{pk}": pks[:4]}
    answer = save(media=pks, **boxes).json()
    assert "at most, here are 5" not in answer["html"]["#say-media"]
    assert "5 of 5 ready" in answer["html"]["#ready"]


def test_what_is_too_heavy_is_shrunk_and_said(farm, save):
    big = farm.take(picture(2600, 2600, quality=98))
    assert big.size > 2_000_000
    limits = save(media=[big.pk]).json()["html"]["#limits"]
    assert "shrunk to" in limits
    assert "5 of 5" in save().json()["html"]["#ready"]


def test_communities_are_chosen_and_the_page_is_drawn_anew(farm, save):
    answer = save(community=[farm.communities[0].pk]).json()
    assert answer["reload"] is True
    assert [one.community_id for one in farm.post.variants.all()] == [farm.communities[0].pk]


def test_without_a_script_saving_works_and_keeps_lines(farm):
    data = farm.form(text="Первая\r\n\r\nВторая", title="Имя")
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", data)
    assert answer.status_code == 302
    farm.post.refresh_from_db()
    assert (farm.post.text, farm.post.title) == ("Первая\n\nВторая", "Имя")


def test_the_questions_to_the_database_are_few(farm, save, django_assert_max_num_queries):
    files = [farm.take(picture(300 + n, 200), name=f"{n}.jpg") for n in range(3)]
    save(media=[file.pk for file in files])
    data = farm.form(text="Ещё раз", media=[file.pk for file in files])
    browser = farm.browser()
    # of them a dozen for what stands around: equal texts and hours, repeats, the queue's next places, and two
    # for the client: whether an edit makes his decision void, and how the post stands with him
    with django_assert_max_num_queries(37):
        answer = browser.post(f"/posts/{farm.post.pk}/save/", data, headers=JSON)
    assert answer.status_code == 200


# Two editors


def test_the_later_of_two_sees_both_texts(farm, save):
    stale = farm.form(text="Моё <b>слово</b>")
    drafts.save(
        make_actor(farm.workspace, name="Глеб Ильин"),
        post_id=farm.post.pk,
        version=1,
        fields={"text": "Их слово"},
    )
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", stale, headers=JSON)
    assert answer.status_code == 409
    html = answer.json()["html"]["#conflict"]
    assert "Глеб Ильин" in answer.json()["error"]
    assert "Моё &lt;b&gt;слово&lt;/b&gt;" in html and "Их слово" in html
    farm.post.refresh_from_db()
    assert farm.post.text == "Их слово"


def test_a_conflict_without_a_script_keeps_mine_in_the_form(farm):
    drafts.save(make_actor(farm.workspace), post_id=farm.post.pk, version=1, fields={"text": "Их слово"})
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(version=1, text="Моё слово"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Моё слово</textarea>" in page and "Их слово" in page
    assert 'name="version" value="2"' in page  # pressing Save again means: mine


# Sending


def test_scheduling_sends_the_ready_and_names_the_rest(farm, save):
    day, at = tomorrow()
    data = farm.form(text="Рёбрышки " * 40, day=day, at=at, do="schedule")
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", data, follow=True)
    assert Delivery.objects.filter(post=farm.post, state="queued").count() == 4
    page = answer.content.decode()
    assert "Scheduled for 4 communities." in page
    assert "Bluesky stays behind: 60 characters too many" in page


def test_what_is_scheduled_goes_as_it_was_until_told_otherwise(farm, save):
    day, at = tomorrow()
    browser = farm.browser()
    browser.post(f"/posts/{farm.post.pk}/save/", farm.form(day=day, at=at, do="schedule"))
    frozen = set(Delivery.objects.values_list("revision_id", flat=True))
    answer = save(text="Другие слова", day=day, at=at).json()
    assert "goes out as it was" in answer["html"]["#stale"]
    assert set(Delivery.objects.values_list("revision_id", flat=True)) == frozen
    browser.post(f"/posts/{farm.post.pk}/save/", farm.form(day=day, at=at, do="schedule"))
    assert not set(Delivery.objects.values_list("revision_id", flat=True)) & frozen
    assert "goes out as it was" not in save(day=day, at=at).json()["html"]["#stale"]


def test_publishing_now_needs_no_hour(farm):
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(do="now"))
    assert answer["Location"] == f"/posts/{farm.post.pk}/"
    assert Delivery.objects.filter(post=farm.post, due_at__lte=timezone.now()).count() == 5


def test_an_author_writes_but_does_not_send(farm):
    browser = farm.browser(farm.gleb)
    page = browser.get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert 'value="schedule"' not in page
    assert browser.post(f"/posts/{farm.post.pk}/save/", farm.form(do="now", text="Слова")).status_code == 403
    farm.post.refresh_from_db()
    assert farm.post.text == "Слова"
    assert not Delivery.objects.exists()


def test_the_next_free_slot_is_offered(farm):
    make_slots(farm.communities[0], tuple(range(7)), dt.time(18, 30))
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert 'data-slot-at="18:30"' in page


# The list


def test_the_list_finds_filters_and_hides_strangers(farm):
    day = timezone.now() + dt.timedelta(days=1)
    other = make_client(farm.workspace, name="Библиотека № 9")
    schedule.schedule(make_actor(farm.workspace), post_id=farm.post.pk, at=day)
    browser = farm.browser()
    assert "Рёбрышки к выходным" in browser.get("/posts/").content.decode()
    assert "Рёбрышки к выходным" in browser.get("/posts/?q=рёбрышки&state=queued").content.decode()
    assert "Рёбрышки к выходным" not in browser.get("/posts/?state=draft").content.decode()
    assert "Nothing was found" in browser.get(f"/posts/?client={other.pk}").content.decode()
    assert browser.get(f"/posts/?client={farm.strange_client.pk}").status_code == 404
    assert f"/posts/{farm.strange_post.pk}/" not in browser.get("/posts/").content.decode()


def test_the_list_asks_the_same_however_long_it_is(farm, django_assert_max_num_queries):
    for n in range(30):
        post = Post.objects.create(workspace=farm.workspace, client=farm.client, text=f"Пост {n}")
        PostMedia.objects.create(post=post, asset=farm.take(picture(64, 48 + n), name=f"{n}.png"))
    browser = farm.browser()
    with django_assert_max_num_queries(24):
        page = browser.get("/posts/").content.decode()
    assert page.count('class="post-row"') == 25


def test_an_empty_list_says_what_to_do(farm):
    page = farm.browser(farm.zoya)
    farm.strange_post.delete()
    assert "Write the first one" in page.get("/posts/").content.decode()
