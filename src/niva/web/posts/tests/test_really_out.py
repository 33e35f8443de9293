"""What a post's page tells of what is out: changed, not to be seen, doomed; and the button that looks."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.communities.models import Credential
from niva.domains.people.actor import machine
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import look_again
from niva.kit.text import plain
from niva.networks.base.errors import Gone, Temporary
from niva.networks.base.types import Seen
from niva.web.posts.differences import Part, compare


@pytest.fixture
def out(farm):
    """The farm's post, out on VK."""
    variant = farm.variants["vk"]
    delivery = schedule.schedule(
        machine(farm.workspace), post_id=farm.post.pk, variants=[variant.pk]
    ).deliveries[0]
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PUBLISHED, wake_at=None)
    return Publication.objects.create(
        workspace=farm.workspace, client=farm.client, delivery=delivery, community=variant.community,
        post=farm.post, revision=delivery.revision, remote_id="1", published_at=timezone.now(), sight="alive",
    )  # fmt: skip


def page(farm, user=None) -> str:
    return plain(unescape(farm.browser(user).get(f"/posts/{farm.post.pk}/").content.decode()))


def test_a_changed_text_stands_beside_what_was_sent(farm, out):
    sent = out.revision.content["text"]
    Publication.objects.update(sight="changed", seen_text=sent + " И <b>ещё</b>")
    shown = farm.browser().get(f"/posts/{farm.post.pk}/").content.decode()
    assert "In the network it reads otherwise than sent." in shown
    assert "<ins> И &lt;b&gt;ещё&lt;/b&gt;</ins>" in plain(shown)


def test_a_network_that_lets_nobody_look_is_told_outside_of_the_folded_story(farm, out):
    Publication.objects.update(sight="untold")
    assert "does not let the desk look whether the post is still there" in page(farm)


@pytest.mark.parametrize(
    ("answer", "said", "sight"),
    [
        (Seen(alive=True, text=None), "It is there, as sent.", "alive"),
        (Seen(alive=True, text="Другое"), "reads otherwise than sent.", "changed"),
        (Gone("post_missing"), "It is not there.", "removed"),
    ],
)
def test_the_button_looks_at_once(farm, out, monkeypatch, answer, said, sight):
    def at_once(community, ask):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(look_again, "at_once", at_once)
    assert _look_url(out) in page(farm)
    shown = farm.browser().post(_look_url(out), follow=True).content.decode()
    assert said in plain(unescape(shown))
    out.refresh_from_db()
    assert out.sight == sight


def _look_url(out) -> str:
    return reverse("delivery_act", args=[out.delivery_id, "look"])


def test_a_silent_network_changes_nothing_and_says_so(farm, out, monkeypatch):
    def at_once(community, ask):
        raise Temporary("server_error")

    monkeypatch.setattr(look_again, "at_once", at_once)
    farm.browser().post(_look_url(out), follow=True)
    out.refresh_from_db()
    assert out.sight == "alive"


def test_what_a_person_said_is_out_cannot_be_looked_at(farm, out):
    Publication.objects.update(extra={"said_by_person": True})
    assert _look_url(out) not in page(farm)
    farm.browser().post(_look_url(out), follow=True)
    out.refresh_from_db()
    assert out.sight == "alive"


def test_who_may_not_publish_gets_no_button(farm, out):
    assert _look_url(out) not in page(farm, farm.klava)


def test_a_post_after_the_end_of_its_keys_is_marked_with_the_way_out(farm):
    variant = farm.variants["vk"]
    Credential.objects.filter(community=variant.community).update(
        expires_at=timezone.now() + timedelta(days=2)
    )
    for days, doomed in ((1, False), (3, True)):
        at = timezone.now() + timedelta(days=days)
        schedule.schedule(machine(farm.workspace), post_id=farm.post.pk, at=at, variants=[variant.pk])
        shown = page(farm)
        assert ("Will not leave: the keys of VK end on" in shown) is doomed
        assert ("Sign in again" in shown) is doomed


# The comparison


def test_words_are_compared_not_letters():
    assert compare("Мёд с горы", "Мёд с луга, свежий") == [
        Part("same", "Мёд с "), Part("sent", "горы"), Part("there", "луга, свежий"),
    ]  # fmt: skip


def test_only_spaces_are_no_difference():
    assert compare("Мёд  с горы\n", "Мёд с горы") == []


def test_nothing_of_either_text_is_lost():
    sent, there = "раз два три\n\nчетыре", "раз три пять\nчетыре шесть"
    parts = compare(sent, there)
    assert "".join(part.text for part in parts if part.kind != "there") == sent
    assert "".join(part.text for part in parts if part.kind != "sent") == there


def test_a_huge_text_is_shown_whole_instead_of_compared_for_minutes():
    assert [part.kind for part in compare("а " * 9000, "б " * 9000)] == ["sent", "there"]
