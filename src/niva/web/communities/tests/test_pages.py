"""The pages of communities: adding, slots, guides, words."""

import re

import pytest
from django.urls import reverse

from niva.domains.communities.factories import make_community
from niva.domains.communities.models import Community
from niva.flows.connect import oauth_fields
from niva.kit.text import plain
from niva.networks.registry import all_networks
from niva.web.communities.tests.test_apps import make_app

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(name, args=args)


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("network", sorted(all_networks()))
def test_every_network_can_be_connected_with_its_guide_beside(house, anya, network, language):
    house.anya.language = language
    house.anya.save()
    community = make_community(house.client, network=network)
    manifest = all_networks()[network].manifest
    if "oauth" in manifest.connect:
        make_app(house.client.workspace, "Наше", network)
    for name in ("community", "community_connect", "community_edit"):
        answer = anya.get(url(name, community.pk))
        assert answer.status_code == 200, name
        assert not re.search(r"%\(\w+\)s", text(answer))
    page = text(anya.get(url("community_connect", community.pk)))
    boxes = manifest.fields if "keys" in manifest.connect else oauth_fields(manifest)
    for box in boxes:
        assert f'name="{box.name}"' in page
    assert re.search(r'class="card guide".*<h2>', page, re.S)


def test_adding_needs_a_network_and_a_name(house, anya):
    page = url("community_new", house.client.pk)
    answer = anya.post(page, {"network": "vk", "name": "", "task": "leads", "time_zone": "Asia/Omsk"})
    assert answer.status_code == 422
    assert (
        anya.post(page, {"network": "zorg", "name": "x", "task": "leads", "time_zone": "UTC"}).status_code
        == 422
    )
    good = anya.post(page, {"network": "vk", "name": "Хутор", "task": "leads", "time_zone": "Asia/Omsk"})
    community = Community.objects.get(name="Хутор")
    assert good["Location"] == url("community_connect", community.pk)


def test_slots_are_added_by_days_and_taken_out(house, anya):
    add = url("slots_add", house.community.pk)
    assert anya.post(add, {"at": "09:00"}).status_code == 422
    assert anya.post(add, {"weekdays": ["0"], "at": "25:00"}).status_code == 422
    assert anya.post(add, {"weekdays": ["0", "7"], "at": "09:00"}).status_code == 422
    assert anya.post(add, {"weekdays": ["0", "2"], "at": "09:00", "note": "Рецепт"}).status_code == 302
    fragment = anya.post(
        add, {"weekdays": ["0"], "at": "09:00", "note": "Другое"}, headers={"HX-Request": "true"}
    )
    assert "<html" not in text(fragment)
    assert "Другое" in text(fragment)
    assert house.community.slots.count() == 2
    slot = house.community.slots.first()
    assert anya.post(url("slot_delete", house.community.pk, slot.pk)).status_code == 302
    assert anya.post(url("slot_delete", house.community.pk, slot.pk)).status_code == 404
    gleb = house.browser(house.gleb)
    assert gleb.post(add, {"weekdays": ["4"], "at": "10:00"}).status_code == 302
    klava = house.browser(house.klava)
    assert klava.post(add, {"weekdays": ["5"], "at": "10:00"}).status_code == 403


def test_why_a_sign_in_is_needed_stands_on_the_page(house, anya):
    from niva.domains.communities import keys

    keys.mark_needs_login(house.community, "token_revoked")
    page = text(anya.get(url("community", house.community.pk)))
    assert "somebody changed the password" in page
    assert "Until then nothing goes out here." in page
    assert "sign in again" in text(anya.get(url("clients")))


def test_a_guide_cannot_bring_scripts(tmp_path):
    from dataclasses import replace

    from niva.web.communities.contexts import guide

    manifest = next(iter(all_networks().values())).manifest
    (tmp_path / "README.md").write_text(
        "# A\n<script>x</script> [l](javascript:alert(1)) ![i](http://x/y.png)"
    )
    (tmp_path / "README.ru.md").write_text(
        "# A\n<script>x</script> [l](javascript:alert(1)) ![i](http://x/y.png)"
    )
    html = str(guide(replace(manifest, folder=tmp_path)))
    assert "<script>" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("late", "own", "kept", "said"),
    [("15", "", 15, "15 minutes"), ("1440", "", 1440, "a day"), ("own", "90", 90, "90 minutes"),
     ("own", "2880", 2880, "2 days"), ("own", "240", 240, "4 hours")],
)  # fmt: skip
def test_how_late_a_post_may_go_out_is_chosen_and_shown(anya, house, late, own, kept, said):
    url = reverse("community_edit", args=[house.community.pk])
    data = {"name": "Хутор", "task": "leads", "time_zone": "Europe/Moscow", "late": late, "late_own": own}
    assert anya.post(url, data).status_code == 302
    house.community.refresh_from_db()
    assert house.community.late_minutes == kept
    assert said in plain(anya.get(reverse("community", args=[house.community.pk])).content.decode())
    again = anya.get(url).context["form"]
    assert (again["late"].value(), again["late_own"].value()) == (
        (late, None) if late != "own" else ("own", kept)
    )


@pytest.mark.parametrize(
    ("late", "own"),
    [("own", ""), ("own", "0"), ("own", "-5"), ("own", "999999"), ("own", "x"), ("", ""), ("7", "")],
)
def test_a_lateness_that_cannot_be_is_refused_and_nothing_typed_is_lost(anya, house, late, own):
    url = reverse("community_edit", args=[house.community.pk])
    data = {
        "name": "Хутор заново",
        "task": "leads",
        "time_zone": "Europe/Moscow",
        "late": late,
        "late_own": own,
    }
    answer = anya.post(url, data)
    assert answer.status_code == 422 and "Хутор заново" in answer.content.decode()
    house.community.refresh_from_db()
    assert house.community.late_minutes == 180
