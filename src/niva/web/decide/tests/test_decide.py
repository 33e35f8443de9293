"""The client's page: no account, no script, no trace; three buttons that do what they say."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.publishing.approving import Approval, Decision, Remark
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Post, PostMedia
from niva.domains.publishing.services import approving, media
from niva.flows import approve
from niva.flows.tests.test_approve import TEXT, Scene
from niva.kit.text import plain
from niva.web.people.doors import RATES
from niva.web.posts.tests.conftest import files, picture  # noqa: F401  pictures land in a folder of the test

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(files: None) -> Scene:  # noqa: F811
    cache.clear()
    found = Scene()
    upload = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
    asset = media.upload(found.actor, client_id=found.client.pk, file=upload)
    PostMedia.objects.create(post=found.post, asset=asset)
    return found


@pytest.fixture
def phone() -> Browser:
    """Nobody's browser; a form needs no cookie here."""
    return Browser(enforce_csrf_checks=True, headers={"accept-language": "ru", "origin": "null"})


def page(browser: Browser, secret: str, **query: str) -> Any:
    return browser.get(f"/decide/{secret}/", query)


def bare(answer: Any) -> str:
    """The page without what differs with every answer."""
    return re.sub(r'csrf[^>]*|nonce="[^"]*"|X-CSRFToken[^}]*|/decide/[\w-]+/', "", answer.content.decode())


def test_what_the_client_sees_leaves_no_trace(scene, phone):
    _approval, secret = scene.ask(message="Посмотрите, верно ли про фольгу")
    answer = page(phone, secret)
    said = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert not answer.cookies
    assert "<script" not in said
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', said)
    for words in ("верно ли про фольгу", "Рёбрышки не сохнут", "Кузьма Ильич", "Хутор"):
        assert words in said
    assert Approval.objects.get().opened_at is not None


def test_pictures_open_without_an_account_and_only_those_of_the_post(scene, phone):
    _approval, secret = scene.ask()
    sources = re.findall(r'src="(/decide/[^"]+)"', page(phone, secret).content.decode())
    assert sources
    for source in sources:
        answer = phone.get(source)
        assert answer.status_code == 200 and answer["Content-Type"].startswith("image/")
        assert answer["Referrer-Policy"] == "no-referrer"
    other = make_post(scene.places[0])
    assert phone.get(f"/decide/{secret}/files/999999/0/").status_code == 404
    asset = scene.post.media.get().asset_id
    assert phone.get(f"/decide/{secret}/files/{asset}/{other.variants.get().pk}/").status_code == 404
    assert phone.get(f"/decide/wrong/files/{asset}/0/").status_code == 404


def test_yes_is_kept_with_name_address_and_browser(scene, phone):
    _approval, secret = scene.ask()
    answer = phone.post(
        f"/decide/{secret}/", {"verdict": "approve", "name": "Кузьма"}, headers={"user-agent": "Phone 1"}
    )
    assert answer.status_code == 200
    row = Approval.objects.get()
    assert (row.decision, row.decided_as) == (Decision.APPROVED, "Кузьма")
    assert row.origin == {"address": "127.0.0.1", "browser": "Phone 1"}
    again = phone.post(f"/decide/{secret}/", {"verdict": "return", "name": "Кузьма", "remark": "Нет"})
    assert again.status_code == 409  # a second device, or the same one twice
    assert Approval.objects.get().decision == Decision.APPROVED
    assert "Кузьма" in page(phone, secret).content.decode()


def test_without_a_name_nothing_is_decided_and_nothing_typed_is_lost(scene, phone):
    _approval, secret = scene.ask()
    answer = phone.post(f"/decide/{secret}/", {"verdict": "return", "name": " ", "remark": "Не то мясо"})
    assert answer.status_code == 422
    assert "Не то мясо" in answer.content.decode()
    assert Approval.objects.get().decision == Decision.OPEN


def test_a_return_with_remarks_at_a_paragraph_and_a_picture(scene, phone):
    _approval, secret = scene.ask()
    said = page(phone, secret, do="return").content.decode()
    spot = re.search(r'name="(at-common-\d+)"', said)
    asset = scene.post.media.get().asset_id
    assert spot is not None and f'name="pic-{asset}"' in said
    phone.post(
        f"/decide/{secret}/",
        {
            "verdict": "return", "name": "Кузьма", "remark": "<script>alert(1)</script>",
            spot[1]: "Не два, а три", f"pic-{asset}": "Темно", f"pic-{asset}-zone": "0.83 0.17",
        },
    )  # fmt: skip
    rows = {row.text: row.place for row in Remark.objects.all()}
    assert rows["Не два, а три"]["quote"] == TEXT
    assert (rows["Темно"]["x"], rows["Темно"]["y"]) == (0.83, 0.17)
    after = page(phone, secret).content.decode()
    assert "<script>alert" not in after and "&lt;script&gt;" in after


def test_a_small_edit_on_the_phone(scene, phone):
    _approval, secret = scene.ask()
    assert TEXT in page(phone, secret, do="edit").content.decode()
    words = TEXT.replace("два часа", "пару часов")
    bad = phone.post(f"/decide/{secret}/", {"verdict": "edit", "name": "К", "edit-common": TEXT + " 99"})
    assert bad.status_code == 422 and TEXT + " 99" in bad.content.decode()
    good = phone.post(f"/decide/{secret}/", {"verdict": "edit", "name": "К", "edit-common": words})
    assert good.status_code == 200
    assert Approval.objects.get().decision == Decision.EDITED
    assert Post.objects.get(pk=scene.post.pk).text == words


def test_changed_between_opening_and_pressing(scene, phone):
    _approval, secret = scene.ask()
    page(phone, secret)
    scene.save(text="Совсем новый текст")
    answer = phone.post(f"/decide/{secret}/", {"verdict": "approve", "name": "К"})
    assert answer.status_code == 409
    assert "Совсем новый текст" in answer.content.decode()
    assert Approval.objects.get().decision == Decision.OPEN
    assert 'name="verdict"' not in page(phone, secret).content.decode()


def test_dead_links_say_as_little_as_they_may(scene, phone):
    approval, secret = scene.ask()
    guessed = page(phone, "x" * 43)
    approving.renew_link(scene.actor, approval_id=approval.pk)
    replaced = page(phone, secret)
    assert guessed.status_code == replaced.status_code == 404
    said = plain(replaced.content.decode())
    assert "Эта ссылка не открывается" in said
    assert "попросите у отправителя новую" in said
    assert "На «Сегодня»" not in said  # a client has no account to go to
    assert bare(guessed) == bare(replaced)
    assert replaced["Referrer-Policy"] == "no-referrer" and replaced["Cache-Control"] == "no-store"


@pytest.mark.parametrize("how", ["expired", "withdrawn", "binned"])
def test_the_right_link_too_late(scene, phone, how):
    approval, secret = scene.ask()
    if how == "expired":
        Approval.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "binned":
        Post.objects.update(deleted_at=timezone.now())
    else:
        approving.withdraw(scene.actor, approval_id=approval.pk)
    for answer in (
        page(phone, secret),
        phone.post(f"/decide/{secret}/", {"verdict": "approve", "name": "К"}),
    ):
        assert answer.status_code == 410
        assert "Рёбрышки" not in answer.content.decode()


def test_the_secret_is_in_no_log(scene, phone, caplog):
    _approval, secret = scene.ask()
    with caplog.at_level(logging.DEBUG):
        page(phone, secret)
        phone.post(f"/decide/{secret}/", {"verdict": "approve"})
        Approval.objects.update(expires_at=timezone.now())
        page(phone, secret)
        page(phone, secret[:-1])
    assert secret[:-1] not in caplog.text


def test_tries_are_limited_by_secret(scene, phone, monkeypatch):
    monkeypatch.setitem(RATES, "decide", "120/m/ip,3/m/key")
    _approval, secret = scene.ask()
    codes = [page(phone, secret).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_the_next_one_of_the_same_approver(scene, phone):
    _approval, secret = scene.ask()
    other = make_post(*scene.places, text="Колбаса к выходным", created_by=scene.actor.user)
    _second, theirs = approve.ask(scene.actor, post_id=other.pk)
    said = page(phone, secret).content.decode()
    assert f"/decide/{theirs}/" in said and "Колбаса" in said


def test_what_changed_since_the_last_round(scene, phone):
    _approval, secret = scene.ask()
    phone.post(f"/decide/{secret}/", {"verdict": "return", "name": "К", "remark": "Короче"})
    scene.save(text=TEXT.replace("два часа", "час"))
    _again, secret = scene.ask()
    said = page(phone, secret).content.decode()
    assert "<del>два</del>" in said or "<del>два часа</del>" in said
    assert "Короче" in said


def test_the_page_asks_a_bounded_number_of_questions(scene, phone, django_assert_max_num_queries):
    _approval, secret = scene.ask()
    page(phone, secret)
    with django_assert_max_num_queries(45):
        page(phone, secret)


def test_english_on_wish(scene, phone):
    _approval, secret = scene.ask()
    assert "Let it out" in page(phone, secret, **{"in": "en"}).content.decode()
