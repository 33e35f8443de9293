"""The digest: at the person's own hour, once a day, by the way he chose; nothing when there is nothing."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from asgiref.sync import async_to_sync, sync_to_async

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece
from niva.domains.notices import services
from niva.domains.notices.models import Notice, Ways
from niva.flows import digest, messenger
from niva.kit.text import plain
from niva.networks.telegram.tests.fake import TOKEN, FakeTelegram

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = date(2026, 11, 23)


class Post:
    """A real SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], str, str]] = []

    async def handle_DATA(self, server, session, envelope):
        letter = message_from_bytes(envelope.content, policy=default)
        self.letters.append((envelope.rcpt_tos, letter["subject"], letter.get_content()))
        return "250 kept"


@pytest.fixture
def post(settings):
    handler = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "", False, False
    settings.MAIL_WORKS = True
    yield handler
    server.stop()


@pytest.fixture
def author():
    """An author with one card of his own."""
    client = make_client(make_workspace())
    person = make_person(client.workspace, "member", name="Илья")
    give_role(client, person, "author")
    make_piece(client, "Почему сало с чесноком", responsible=person, author=person)
    return person


def ways(person, **values) -> Ways:
    workspace = person.memberships.get().workspace
    return Ways.objects.create(workspace=workspace, user=person, **values)


def sent(row: Ways, kind: str = digest.MORNING, day: date = MONDAY) -> bool:
    return async_to_sync(digest.send)(ways_id=row.pk, kind=kind, day=day)


def test_the_hour_is_the_persons_own_and_comes_once_a_day(author):
    author.time_zone = "Asia/Vladivostok"  # UTC+10
    author.save()
    row = ways(author, digest_at=time(9))
    assert digest.hand_out(datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == 0  # 08:59 on Monday there
    assert digest.hand_out(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == 1
    Ways.objects.filter(pk=row.pk).update(digest_on=MONDAY)
    assert digest.hand_out(datetime(2026, 11, 22, 23, 2, tzinfo=UTC)) == 0


def test_a_desk_that_slept_sends_no_morning_in_the_afternoon_and_nothing_on_a_day_off(author):
    ways(author)
    assert digest.hand_out(datetime(2026, 11, 23, 9, 30, tzinfo=UTC)) == 0  # 12:30 in Moscow
    assert digest.hand_out(datetime(2026, 11, 22, 6, 5, tzinfo=UTC)) == 0  # Sunday
    assert digest.hand_out(datetime(2026, 11, 23, 6, 5, tzinfo=UTC)) == 1


def test_who_has_chosen_nothing_gets_the_defaults(author):
    assert digest.hand_out(datetime(2026, 11, 23, 6, 5, tzinfo=UTC)) == 1
    assert Ways.objects.get(user=author).digest_at == time(9)


def test_the_letter_says_what_the_page_says_and_goes_once(post, author):
    row = ways(author)
    assert sent(row)
    assert not sent(row)
    [(to, subject, text)] = post.letters
    assert to == [author.email]
    assert "Понедельник" in plain(subject)
    assert "Почему сало с чесноком" in plain(text)
    assert "Ждёт меня" in plain(text)


def test_nothing_to_say_is_not_said(post):
    nobody = make_actor(make_workspace()).user
    assert sent(ways(nobody)) is False
    assert post.letters == []


def test_a_letter_that_surely_did_not_leave_is_tried_again(settings, author, post):
    row = ways(author)
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with pytest.raises(OSError):
        sent(row)
    settings.EMAIL_PORT = right
    assert sent(row)
    assert len(post.letters) == 1


def test_in_the_evening_it_asks_for_the_note(post, author):
    row = ways(author, evening=True)
    assert digest.hand_out(datetime(2026, 11, 23, 15, 31, tzinfo=UTC)) == 1  # 18:31
    assert sent(row, digest.EVENING)
    assert "Как прошёл день" in plain(post.letters[0][1])


def test_what_cannot_wait_leaves_at_once_once_and_only_where_it_is_wanted(post, author):
    boss = make_actor(author.memberships.get().workspace)
    row = ways(author)
    facts = {"title": "Сало", "stage": "редактура"}
    [notice] = services.tell(boss, users=[author], kind="nudged", url="/", at_once=True, **facts)
    assert async_to_sync(digest.send_notice)(notice_id=notice.pk)
    assert not async_to_sync(digest.send_notice)(notice_id=notice.pk)
    assert "«Сало»" in plain(post.letters[0][1])
    Ways.objects.filter(pk=row.pk).update(at_once=False)
    [other] = services.tell(boss, users=[author], kind="nudged", url="/", at_once=True, **facts)
    assert not async_to_sync(digest.send_notice)(notice_id=other.pk)
    assert len(post.letters) == 1


def test_telegram_is_connected_by_its_code_comes_before_mail_and_mail_steps_in(post, author, monkeypatch):
    workspace = author.memberships.get().workspace
    owner, actor = make_actor(workspace), actor_for(author)

    async def story() -> tuple[str, list[str]]:
        async with FakeTelegram() as fake:
            monkeypatch.setenv("NIVA_INNER_HOSTS", fake.url)
            bot = await sync_to_async(services.keep_bot)(
                owner, token=TOKEN, username="niva_test_bot", facts={"api_base": fake.url}
            )
            code = await sync_to_async(services.new_code)(actor)
            fake.say("message", "здравствуйте", "")
            fake.say("message", f"/start {code}", "")
            [started] = await asyncio.to_thread(messenger.who_started, bot)
            assert started.code == code
            row = await sync_to_async(services.connect_chat)(
                actor, code=code, chat=started.chat, name=started.name
            )
            before = len(fake.talk)
            assert await digest.send(ways_id=row.pk, kind=digest.MORNING, day=MONDAY)
            said = [one["text"] for one in list(fake.talk.values())[before:]]
            fake.revoked = True
            await sync_to_async(Ways.objects.filter(pk=row.pk).update)(digest_on=None)
            assert await digest.send(ways_id=row.pk, kind=digest.MORNING, day=MONDAY)
            return row.chat_name, said

    name, [said] = asyncio.run(story())
    assert name == "Анна"
    assert "Почему сало с чесноком" in plain(said)
    assert len(post.letters) == 1


def test_demos_are_told_nothing(author):
    workspace = author.memberships.get().workspace
    workspace.is_demo = True
    workspace.save()
    assert digest.hand_out(datetime(2026, 11, 23, 6, 5, tzinfo=UTC)) == 0
    assert not Notice.objects.exists()
