"""Chains of posts in the composer: split, numbered, rearranged, with scripts and without."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.publishing.models import Attempt, Delivery, Publication, Variant
from niva.domains.publishing.services import schedule
from niva.networks.registry import all_networks

LONG = " ".join(f"Предложение номер {n} о поле и ржи." for n in range(40))  # about 1,400 characters


@pytest.fixture
def own(farm):
    """What a community has of its own now."""

    def read(network: str) -> Variant:
        return Variant.objects.get(pk=farm.variants[network].pk)

    return read


def chain_of(farm, network: str, *parts: str, **more):
    """The form's fields of a chain: its own text first."""
    pk = farm.variants[network].pk
    return {
        f"own-{pk}": "1",
        f"text-{pk}": parts[0],
        f"thread-here-{pk}": "1",
        f"thread-{pk}": list(parts[1:]),
        **more,
    }


def test_a_long_text_is_split_where_it_is_too_long_and_stays_whole_elsewhere(farm, save, own):
    answer = save(text=LONG, do="split")
    assert answer.status_code == 200
    body = answer.json()
    assert body["reload"]
    assert body["at"].startswith("#panel-")
    for network in ("mastodon", "bluesky"):
        variant, judge = own(network), all_networks()[network]
        texts = [variant.own_text, *variant.own_thread["parts"]]
        most = judge.limits.value("text_max")
        assert all(judge.length(text) <= most for text in texts)
        assert " ".join(texts) == LONG
        assert all(text.endswith(".") for text in texts)
    for network in ("vk", "telegram", "practice"):
        assert (own(network).own_text, own(network).own_thread) == (None, None)


def test_the_button_names_who_would_be_split_and_the_text_says_who_cannot(farm, save):
    html = save(text=LONG).json()["html"]["#split"]
    assert "Mastodon" in html and "Bluesky" in html and "Practice" not in html
    very_long = LONG * 15
    html = save(text=very_long).json()["html"]["#split"]
    assert "VK" in html.split("</p>")[1], "VK has no chains, and the composer says so"


def test_a_chain_is_saved_counted_and_shown(farm, save, own):
    pk = farm.variants["bluesky"].pk
    answer = save(
        **chain_of(farm, "bluesky", "Начало", "Дальше", "ж" * 301, **{f"numbered-{pk}": "1"})
    ).json()
    assert own("bluesky").own_thread == {"parts": ["Дальше", "ж" * 301], "numbered": True}
    assert ">306</b>" in answer["html"][f"#part-{pk}-3"], "the number under it is counted"
    assert "Post 3 of the chain" in answer["html"][f"#said-{pk}"]
    assert "2/3" in answer["html"]["#previews"]
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert f'name="thread-{pk}"' in page
    assert "Post 2 of 3" in page


@pytest.mark.parametrize(
    ("do", "left"),
    [
        ("add-{}", ["Раз", "Два", "Три", ""]),
        ("drop-{}-2", ["Раз", "Три"]),
        ("join-{}-2", ["Раз\n\nДва", "Три"]),
        ("join-{}-3", ["Раз", "Два\n\nТри"]),
        ("whole-{}", ["Раз\n\nДва\n\nТри"]),
        ("drop-{}-99", ["Раз", "Два", "Три"]),
        ("drop-{}-1", ["Раз", "Два", "Три"]),
    ],
)
def test_parts_are_added_taken_out_and_joined(farm, save, own, do, left):
    pk = farm.variants["mastodon"].pk
    answer = save(**chain_of(farm, "mastodon", "Раз", "Два", "Три", do=do.format(pk)))
    assert answer.json()["at"] == f"#panel-{pk}"
    variant = own("mastodon")
    assert [variant.own_text, *(variant.own_thread or {"parts": []})["parts"]] == left


def test_a_line_of_hyphens_begins_the_next_post(farm, save, own):
    pk = farm.variants["mastodon"].pk
    save(**chain_of(farm, "mastodon", "Раз\r\n---\r\nДва", "Три\n ---- \nЧетыре - не черта", do=f"cut-{pk}"))
    variant = own("mastodon")
    assert [variant.own_text, *variant.own_thread["parts"]] == ["Раз", "Два", "Три", "Четыре - не черта"]


def test_back_with_the_common_text_is_back_to_one_post(farm, save, own):
    fields = chain_of(farm, "mastodon", "Раз", "Два")
    save(**fields)
    del fields[f"own-{farm.variants['mastodon'].pk}"]
    answer = save(**fields).json()
    assert answer["reload"]
    assert (own("mastodon").own_text, own("mastodon").own_thread) == (None, None)


def test_one_text_again_that_reads_like_the_common_one_is_the_common_one(farm, save, own):
    pk = farm.variants["mastodon"].pk
    save(text="Раз\n\nДва", **chain_of(farm, "mastodon", "Раз", "Два", do=f"whole-{pk}"))
    assert (own("mastodon").own_text, own("mastodon").own_thread) == (None, None)


def test_without_scripts_the_page_comes_back_at_its_panel(farm):
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(text=LONG, do="split"))
    assert answer.status_code == 302
    assert "/edit/#panel-" in answer["Location"]


def test_what_cannot_be_split_says_why_and_loses_nothing(farm, save, own):
    answer = save(text="слово " * 16_000, do="split")
    assert answer.status_code == 200
    assert "more than 50 posts" in answer.json()["html"]["#say-text"]
    assert own("bluesky").own_thread is None


def test_fifty_one_posts_are_refused_with_everything_still_there(farm, save, own):
    answer = save(**chain_of(farm, "mastodon", *["часть"] * 51))
    assert answer.status_code == 422
    assert own("mastodon").own_thread is None
    page = farm.browser().post(
        f"/posts/{farm.post.pk}/save/", farm.form(**chain_of(farm, "mastodon", *["часть"] * 51))
    )
    assert page.status_code == 422
    assert page.content.decode().count(f'name="thread-{farm.variants["mastodon"].pk}"') == 50


@pytest.mark.parametrize("do", ["add-99999", "join--2", "split-x", "drop-0-0"])
def test_buttons_of_no_community_do_nothing(farm, save, own, do):
    assert save(do=do).status_code == 200
    assert own("mastodon").own_thread is None


# A chain that broke off


@pytest.fixture
def broken(farm):
    """A chain of three of which the first two are out; of the third nobody knows."""
    variant = farm.variants["practice"]
    Variant.objects.filter(pk=variant.pk).update(own_thread={"parts": ["Два", "Три"], "numbered": False})
    actor = make_actor(farm.workspace, language="en")
    delivery = schedule.schedule(actor, post_id=farm.post.pk, variants=[variant.pk]).deliveries[0]
    for step, outcome in (("create", "done"), ("thread-2", "done"), ("thread-3", "unknown")):
        Attempt.objects.create(
            delivery=delivery, step=step, number=1, key=uuid.uuid4(), revision=delivery.revision,
            outcome=outcome, result={"id": step, "url": ""},
        )  # fmt: skip
    Publication.objects.create(
        workspace=delivery.workspace, client=delivery.client, delivery=delivery, post=farm.post,
        community=delivery.community, revision=delivery.revision, remote_id="create",
        published_at=timezone.now(), sight="changed", extra={"missing": [2]},
    )  # fmt: skip
    Delivery.objects.filter(pk=delivery.pk).update(state="published", wake_at=None, code="thread_broken")
    return delivery


def test_the_page_tells_how_far_it_went_and_the_rest_is_sent_after_a_look(farm, broken):
    browser = farm.browser()
    page = browser.get(f"/posts/{farm.post.pk}/").content.decode()
    assert "2 of 3 posts are out" in page
    assert "whether post 3 is there" in page
    assert "no longer in the network: 2." in page
    assert "the network took post 2 of the chain" in page
    url = f"/posts/deliveries/{broken.pk}/rest/"
    browser.post(url)
    broken.refresh_from_db()
    assert broken.state == "published", "nobody has looked yet"
    browser.post(url, {"looked": "1"})
    broken.refresh_from_db()
    assert (broken.state, broken.code) == ("accepted", "")
    assert broken.wake_at is not None
    assert broken.attempts.get(step="thread-3").outcome == "absent"


def test_who_may_not_publish_sends_no_rest(farm, broken):
    url = f"/posts/deliveries/{broken.pk}/rest/"
    assert farm.browser(farm.klava).post(url, {"looked": "1"}).status_code == 403
    assert farm.browser(farm.zoya).post(url, {"looked": "1"}).status_code == 404
