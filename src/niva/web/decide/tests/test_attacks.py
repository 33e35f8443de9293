"""What somebody tries who has an old link, reads the log, or types what no font has."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.clients.models import Role
from niva.domains.people.errors import Conflict
from niva.domains.publishing.approving import Approval, Decision
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.services import approving, deciding
from niva.domains.publishing.services.deciding import Answer, Said
from niva.flows import approve, plan_link
from niva.flows.tests.test_approve import TEXT
from niva.kit.logs import JsonFormatter
from niva.web.approvals import evidence
from niva.web.decide.tests.test_decide import files, page, phone, scene  # noqa: F401  fixtures
from niva.web.posts.tests.conftest import browser_of

pytestmark = pytest.mark.django_db


def test_an_expired_link_of_a_decided_post_leads_to_nothing_else(scene, phone):  # noqa: F811
    """It lies in an old letter: whoever reads that would decide on everything that waits today."""
    first, secret = scene.ask()
    scene.say(secret)
    other = make_post(*scene.places, text="Колбаса к выходным", created_by=scene.actor.user)
    _second, theirs = approve.ask(scene.actor, post_id=other.pk)
    assert theirs in page(phone, secret).content.decode()
    Approval.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(days=1))
    answer = page(phone, secret)
    assert answer.status_code == 410
    assert theirs not in answer.content.decode()


def test_files_of_a_decided_post_are_not_for_the_link(scene, phone):  # noqa: F811
    _first, secret = scene.ask()
    address = f"/decide/{secret}/files/{scene.post.media.get().asset_id}/0/"
    assert phone.get(address).status_code == 200
    scene.say(secret)
    assert phone.get(address).status_code == 404


def test_who_signs_in_needs_no_living_link(scene):  # noqa: F811
    row, _secret = scene.ask()
    Approval.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    browser = browser_of(scene.member(Role.CLIENT).user, scene.actor.workspace)
    assert browser.post(f"/approvals/{row.pk}/decide/", {"verdict": "approve"}).status_code == 302
    assert Approval.objects.get().decision == Decision.APPROVED


def test_what_was_withdrawn_under_the_finger_is_not_called_approved(scene, phone, monkeypatch):  # noqa: F811
    row, secret = scene.ask()

    def withdrawn_first(*_given, **_named):
        approving.withdraw(scene.actor, approval_id=row.pk)
        raise Conflict("a moment ago", row)

    monkeypatch.setattr(approve, "decide_by_link", withdrawn_first)
    answer = phone.post(f"/decide/{secret}/", {"verdict": "approve", "name": "К"})
    assert Approval.objects.get().decision == Decision.WITHDRAWN
    assert answer.status_code == 410 and TEXT not in answer.content.decode()


def test_a_link_renewed_under_the_finger_decides_nothing(scene, phone, monkeypatch):  # noqa: F811
    row, secret = scene.ask()
    held = deciding.hold_open

    def renewed_first(seen):
        approving.renew_link(scene.actor, approval_id=row.pk)
        return held(seen)

    monkeypatch.setattr(deciding, "hold_open", renewed_first)
    assert phone.post(f"/decide/{secret}/", {"verdict": "approve", "name": "К"}).status_code == 404
    assert Approval.objects.get().decision == Decision.OPEN


@pytest.mark.parametrize("method", ["put", "post", "options"])
def test_no_secret_of_a_link_reaches_the_log(scene, phone, caplog, method):  # noqa: F811
    _row, secret = scene.ask()
    link, plan = plan_link.make(scene.actor, client_id=scene.client.pk, name="К", days=7, since="brief")
    with caplog.at_level(logging.DEBUG):
        for address in (f"/decide/{secret}/", f"/decide/{secret}/files/1/0/", f"/plan/for/{plan}/"):
            getattr(phone, method)(address)
        plan_link.end(scene.actor, link_id=link.pk)
        assert phone.get(f"/plan/for/{plan}/").status_code == 410
    log = "\n".join(JsonFormatter().format(one) for one in caplog.records)
    assert "/plan/for/***/" in log
    assert secret not in log and plan not in log


def test_the_paper_is_made_whatever_was_typed(scene, monkeypatch):  # noqa: F811
    """The standard takes no character without a glyph; a bare server has no font for emoji."""
    compiled = evidence.typst.compile
    bare = lambda *given, **named: compiled(*given, **named, ignore_system_fonts=True)  # noqa: E731
    monkeypatch.setattr(evidence.typst, "compile", bare)
    desk = browser_of(scene.actor.user, scene.actor.workspace)
    row, secret = scene.ask(message='😀 中文 #read("/etc/passwd") $x$ *a* \\ \x07')
    said = [Said("a\n= b\n#c \x1f \ufffe \U000f0000 العربية ҧ <script>")]
    answer = Answer("return", "К\u202eузьма\x01", remarks=said, origin={"browser": "\x1b[31m"})
    approve.decide_by_link(secret, answer=answer)
    for form, begins in (("html", b"<!doctype html>"), ("pdf", b"%PDF-")) * 2:
        made = desk.get(f"/approvals/{row.pk}/evidence.{form}")
        assert made.status_code == 200 and made.content.startswith(begins)


def test_what_is_printed_as_its_number():
    assert evidence.spelled({"a": ["Мясо ½ 😀", ("é", 1)]}) == {"a": ["Мясо ½ [U+1F600]", ["é", 1]]}
