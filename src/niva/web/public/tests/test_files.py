"""The door for networks: a signed address opens one file for a while, every other address opens nothing."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.publishing.delivery import public
from niva.domains.publishing.delivery.content import to_outgoing
from niva.kit.net.public import is_outer_https
from niva.networks.base.testing import sample_image
from niva.web.people import doors

pytestmark = pytest.mark.django_db
BASE = "https://desk.example.org"


@pytest.fixture
def root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.BASE_URL = BASE
    (tmp_path / "fitted").mkdir()
    sample_image(tmp_path / "fitted", "field.jpg")
    return tmp_path


@pytest.fixture
def browser():
    return Browser(raise_request_exception=False)


def path_of(address: str) -> str:
    assert address.startswith(BASE + "/public/files/")
    return address.removeprefix(BASE)


def test_a_signed_address_gives_the_file_to_anybody_who_has_it(root, browser):
    answer = browser.get(path_of(public.address_of("fitted/field.jpg", "image/jpeg")))
    assert answer.status_code == 200
    assert b"".join(answer) == (root / "fitted" / "field.jpg").read_bytes()
    assert answer["Content-Type"] == "image/jpeg"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sessionid" not in answer.cookies


def test_a_robot_may_ask_for_a_part_and_for_the_head(root, browser):
    address = path_of(public.address_of("fitted/field.jpg", "image/jpeg"))
    whole = (root / "fitted" / "field.jpg").read_bytes()
    part = browser.get(address, headers={"range": "bytes=10-19"})
    assert (part.status_code, b"".join(part)) == (206, whole[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert browser.get(address, headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    head = browser.head(address)
    assert (head.status_code, head["Content-Length"]) == (200, str(len(whole)))
    assert browser.post(address).status_code == 405


def test_no_other_address_opens_anything(root, browser):
    (root / "fitted" / "other.jpg").write_bytes(b"other")
    address = path_of(public.address_of("fitted/field.jpg", "image/jpeg"))
    token = address.split("/")[3]
    for wrong in (
        address.replace("field.jpg", "other.jpg"),
        address.replace(token, token[:-2] + ("aa" if token[-2:] != "aa" else "bb")),
        address.replace(token, "no-such-token"),
        "/public/files/",
        "/public/",
    ):
        assert browser.get(wrong).status_code == 404, wrong


def test_an_old_address_ends_and_a_young_one_outlives_a_delivery(root, browser):
    address = path_of(public.address_of("fitted/field.jpg", "image/jpeg"))
    now = timezone.now().timestamp()
    for hours, status in ((25, 200), (49, 404)):
        with patch("django.core.signing.time.time", lambda h=hours: now + timedelta(hours=h).total_seconds()):
            assert browser.get(address).status_code == status


def test_a_path_that_leads_out_of_the_folder_is_no_file(root, browser):
    (root.parent / "secret.txt").write_text("secret")
    address = public.address_of("../secret.txt", "text/plain")
    assert browser.get(path_of(address)).status_code == 404


@pytest.mark.parametrize(
    "base",
    ["", "http://desk.example.org", "https://localhost", "https://127.0.0.1:8000", "https://10.0.0.5", "https://desk",
     "https://niva.local", "https://[::1]", "https://user:word@desk.example.org"],
)  # fmt: skip
def test_without_an_outer_https_address_there_is_none(root, settings, base):
    settings.BASE_URL = base
    assert public.address_of("fitted/field.jpg", "image/jpeg") == ""
    assert not is_outer_https(base)


def test_what_goes_out_carries_the_address_of_each_file(root, settings):
    item = {
        "path": "fitted/field.jpg",
        "kind": "image",
        "mime": "image/jpeg",
        "size": 1,
        "width": 1,
        "height": 1,
    }
    content = {"text": "", "media": [{**item, "cover": item}]}
    (file,) = to_outgoing(content, root).media
    assert public.file_of(*file.url.split("/")[-2:]) == (root / "fitted" / "field.jpg", "image/jpeg")
    assert file.cover is not None and file.cover.url
    settings.BASE_URL = ""
    assert to_outgoing(content, root).media[0].url == ""


def test_who_asks_too_often_is_told_to_wait(root, browser, monkeypatch):
    monkeypatch.setitem(doors.RATES, "public_file", "2/m/ip")
    address = path_of(public.address_of("fitted/field.jpg", "image/jpeg"))
    assert [browser.get(address).status_code for _ in range(3)] == [200, 200, 429]
