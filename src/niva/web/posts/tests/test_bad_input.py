"""What must not get in, and what must not be lost when it tries: each answer has its words at the field."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zlib

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from niva.domains.clients.factories import make_actor
from niva.domains.publishing.models import Asset, PostMedia, Variant
from niva.domains.strategy.factories import make_rubric
from niva.web.posts.tests.conftest import picture

JSON = {"accept": "application/json"}
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of some bytes that claims to be enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_text_of_200_000_characters_is_kept_on_the_page_and_named(farm):
    long = "щ" * 200_000
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(text=long))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "longer than 100,000 characters" in page
    assert long in page
    farm.post.refresh_from_db()
    assert farm.post.text == "Рёбрышки к выходным"


def test_the_island_gets_the_same_words_at_the_field(farm, save):
    answer = save(text="щ" * 200_000)
    assert answer.status_code == 422
    assert "longer than 100,000 characters" in answer.json()["html"]["#say-text"]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("title", "я" * 201, "#say-title"),
        ("link_url", "https://x.example/" + "y" * 2000, "#say-link"),
        ("first_comment", "я" * 100_001, "#say-first_comment"),
    ],
)
def test_longer_than_its_column_is_said_at_the_field(farm, save, field, value, place):
    answer = save(**{field: value})
    assert answer.status_code == 422
    assert "longer than" in answer.json()["html"][place]


def test_scripts_in_every_field_stay_letters(farm, save):
    asset = farm.take(picture(), name=f"{SCRIPT}.jpg")
    pk = farm.variants["mastodon"].pk
    changes = {
        "text": SCRIPT, "title": SCRIPT, "rubric": make_rubric(farm.client, SCRIPT[:60]).pk,
        "link_url": SCRIPT, "first_comment": SCRIPT,
        "poll_on": "1", "poll_question": SCRIPT, "poll_option": [SCRIPT, SCRIPT + "2"], "media": [asset.pk],
        f"alt-{asset.pk}": SCRIPT, f"own-{pk}": "1", f"text-{pk}": SCRIPT,
        f"option-{pk}-spoiler_text": SCRIPT,
    }  # fmt: skip
    html = "".join(save(**changes).json()["html"].values())
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    shown = farm.browser().get("/posts/").content.decode()
    for place in (html, page, shown):
        assert "<script>alert" not in place
        assert "<img src=x" not in place
    assert "&lt;script&gt;alert(1)" in html


def test_a_textarea_cannot_be_closed_from_inside(farm, save):
    save(text="</textarea><script>alert(1)</script>")
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert "</textarea><script>" not in page


def test_nul_and_half_characters_do_no_harm(farm, save):
    assert save(text="до\x00после", title="\x00").status_code == 200
    farm.post.refresh_from_db()
    assert farm.post.text == "допосле"


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "x"},
        {"version": "-1"},
        {"goal": "x"},
        {"goal": "99999999999999999999"},
        {"media": ["x"]},
        {"community": ["1; drop table"]},
        {"poll_on": "1", "poll_closes_in": "forever"},
        {"day": "0000-00-00", "at": "99:99"},
        {"day": "9999-12-31", "at": "10:00"},
    ],
)
def test_nonsense_is_answered_and_never_breaks(farm, save, wrong):
    assert save(**wrong).status_code in (200, 404, 409, 422)


# Others' things


def test_the_ids_of_another_workspace_are_nobodys(farm, save):
    browser = farm.browser()
    theirs = farm.strange_post.pk
    for path in (f"/posts/{theirs}/edit/", f"/posts/{theirs}/save/", f"/posts/{theirs}/"):
        assert browser.get(path, follow=True).status_code == 404, path
    assert save(theirs).status_code == 404
    assert (
        browser.post(f"/posts/{theirs}/files/", {"file": SimpleUploadedFile("a.jpg", picture())}).status_code
        == 404
    )
    for path in ("", "thumb/"):
        assert browser.get(f"/posts/files/{farm.strange_asset.pk}/{path}").status_code == 404
    assert save(media=[farm.strange_asset.pk]).status_code == 404
    assert save(community=[farm.strange_community.pk]).status_code == 404
    assert farm.post.variants.count() == 5


def test_the_goal_of_another_client_is_refused(farm, save):
    from niva.domains.clients.factories import make_goal

    answer = save(goal=make_goal(farm.strange_client).pk)
    assert answer.status_code == 422
    assert "another client" in answer.json()["html"]["#say-goal"]


def test_strangers_sign_in_first(farm, client):
    assert client.get(f"/posts/{farm.post.pk}/edit/").status_code == 302
    assert client.post(f"/posts/{farm.post.pk}/files/").status_code == 302


# Hours


def test_a_past_hour_is_said_at_the_field_and_everything_stays(farm):
    data = farm.form(text="Написанное", day="2020-01-01", at="10:00", do="schedule")
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This hour has passed" in page
    assert 'value="2020-01-01"' in page and "Написанное</textarea>" in page


def test_an_hour_that_the_clock_skips_is_said_with_its_neighbours(farm):
    farm.client.time_zone = "Europe/Berlin"
    farm.client.save()
    address, gap = f"/posts/{farm.post.pk}/save/", {"day": "2027-03-28", "at": "02:30"}
    with time_machine.travel(dt.datetime(2027, 3, 1, tzinfo=dt.UTC), tick=True):
        browser = farm.browser()
        words = browser.post(address, farm.form(**gap), headers=JSON).json()["html"]["#say-at"]
        page = browser.post(address, farm.form(**gap, do="schedule"))
    assert "There is no 02:30" in words and "01:30" in words and "03:30" in words
    assert page.status_code == 422
    assert 'value="02:30"' in page.content.decode()


def test_half_an_hour_is_no_hour(farm, save):
    assert "Choose a day and an hour" in save(day="2027-03-28", at="").json()["html"]["#say-at"]


def test_scheduling_without_an_hour_asks_for_one(farm):
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(do="schedule"))
    assert answer.status_code == 422
    assert "Choose a day and an hour" in answer.content.decode()


def test_an_empty_answer_of_a_poll_is_said_at_the_poll(farm, save):
    answer = save(poll_on="1", poll_question="Что готовить?", poll_option=["Суп", ""]).json()
    assert "Answer 2: An answer of the poll is empty." in answer["html"]["#say-poll"]
    assert "0 of 5 ready" in answer["html"]["#ready"]
    farm.post.refresh_from_db()
    assert farm.post.poll["options"] == ["Суп", ""]


# Files


def send(farm, content: bytes, name: str = "a.jpg", kind: str = "image/jpeg"):
    file = SimpleUploadedFile(name, content, content_type=kind)
    return farm.browser().post(f"/posts/{farm.post.pk}/files/", {"file": file}, headers=JSON)


def polyglot() -> bytes:
    return picture() + b"<script>alert(1)</script><?php system($_GET[0]); ?>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"just words", "neither a picture nor a video"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "neither a picture"),
        (b"%PDF-1.7 " + b"x" * 500, "neither a picture"),
        (picture()[:2000], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "neither a picture"),
        (bomb(), "more than 50 megapixels"),
        (bomb(200_000, 200_000), "more than 50 megapixels"),
        (b"\0\0\0\x20ftypisom" + b"\0" * 400, "damaged"),
        (b"\x1a\x45\xdf\xa3" + b"not a film" * 40, "damaged"),
    ],
    ids=["empty", "text", "svg", "pdf", "cut", "png", "bomb", "huge", "mp4", "webm"],
)
def test_a_wrong_file_is_refused_with_the_reason(farm, content, words):
    answer = send(farm, content, "фото.jpg")
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert Asset.objects.filter(client=farm.client).count() == 0


def test_a_polyglot_loses_what_was_hidden_in_it(farm):
    answer = send(farm, polyglot(), "a.php")
    assert answer.status_code == 201
    asset = answer.json()["asset"]
    served = b"".join(farm.browser().get(f"/posts/files/{asset}/"))
    assert b"<script>" not in served and b"php" not in served


def test_a_picture_loses_where_it_was_taken(farm):
    from PIL import Image

    image, target = Image.open(io.BytesIO(picture())), io.BytesIO()
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (55.0, 45.0, 0.0)}
    exif[0x010F] = "SecretCamera"
    image.save(target, "JPEG", exif=exif)
    asset = send(farm, target.getvalue()).json()["asset"]
    assert b"SecretCamera" not in b"".join(farm.browser().get(f"/posts/files/{asset}/"))


def test_no_file_is_said(farm):
    answer = farm.browser().post(f"/posts/{farm.post.pk}/files/", {}, headers=JSON)
    assert answer.status_code == 422
    assert "No file came" in answer.json()["error"]


def test_a_giant_is_refused_by_its_length_before_it_is_read(farm):
    class Unread(io.BytesIO):
        def read(self, *_args):
            raise AssertionError("the body was read")

    answer = farm.browser().generic(
        "POST", f"/posts/{farm.post.pk}/files/", b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(5 * 1024**3), **{"wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "larger than 1 GB" in answer.json()["error"]


def test_an_upload_without_the_token_is_refused(farm):
    browser = farm.browser()
    browser.handler.enforce_csrf_checks = True
    answer = browser.post(f"/posts/{farm.post.pk}/files/", {"file": SimpleUploadedFile("a.jpg", picture())})
    assert answer.status_code == 403
    assert Asset.objects.filter(client=farm.client).count() == 0


def test_a_file_is_given_out_so_that_nothing_in_it_runs(farm):
    asset = farm.take(picture())
    answer = farm.browser().get(f"/posts/files/{asset.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private")
    assert farm.browser().get(f"/posts/files/{asset.pk}/thumb/")["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [("bytes=0-9", 206, 0, 9), ("bytes=100-", 206, 100, None), ("bytes=-10", 206, -10, None)],
)
def test_a_part_of_a_file(farm, asked, status, first, last):
    asset = farm.take(picture())
    whole = b"".join(farm.browser().get(f"/posts/files/{asset.pk}/"))
    answer = farm.browser().get(f"/posts/files/{asset.pk}/", headers={"range": asked})
    assert answer.status_code == status
    part = b"".join(answer)
    assert part == whole[first : last + 1 if last is not None else None]
    start = first if first >= 0 else len(whole) + first
    assert answer["Content-Range"] == f"bytes {start}-{start + len(part) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=10-5"])
def test_a_part_that_is_not_there(farm, asked):
    asset = farm.take(picture())
    answer = farm.browser().get(f"/posts/files/{asset.pk}/", headers={"range": asked})
    assert answer.status_code == 416


def test_a_file_of_another_client_of_ours_is_refused(farm):
    from niva.domains.clients.factories import make_client

    second = make_client(farm.workspace, name="Библиотека")
    asset = farm.take(picture(), client_id=second.pk)
    answer = farm.browser().post(f"/posts/{farm.post.pk}/save/", farm.form(media=[asset.pk]), headers=JSON)
    assert answer.status_code == 422
    assert "another client" in answer.json()["html"]["#say-media"]
    assert not PostMedia.objects.filter(post=farm.post).exists()
    author = farm.browser(farm.gleb)
    assert author.get(f"/posts/files/{asset.pk}/").status_code == 404


def test_a_community_that_has_the_post_cannot_be_taken_off(farm, save):
    from niva.domains.publishing.services import schedule

    schedule.schedule(make_actor(farm.workspace), post_id=farm.post.pk, at=None)
    answer = save(community=[farm.communities[0].pk])
    assert answer.status_code == 422
    assert "Cancel the sending" in answer.json()["html"]["#say-communities"]
    assert Variant.objects.filter(post=farm.post).count() == 5


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("http://127.0.0.1:5432/", "inner network"),
        ("file:///etc/passwd", "does not read as a link"),
        ("javascript:alert(1)", "does not read as a link"),
        ("", "Write the link first"),
    ],
)
def test_a_link_that_cannot_be_read_is_explained_and_kept(farm, save, link, words):
    answer = save(link_url=link, do="link")
    assert answer.status_code == 200
    assert words in answer.json()["html"]["#say-link"]
    farm.post.refresh_from_db()
    assert farm.post.link_url == link
