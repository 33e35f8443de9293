"""No shape of secret that the desk meets survives in a log line, an error or a page."""

from __future__ import annotations

import json
import logging
import string
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.kit.logs import JsonFormatter, scrub
from niva.kit.redaction import hide
from niva.networks.base.errors import OutcomeUnknown
from niva.networks.base.transport import redact
from niva.networks.base.types import App, Credential

WORD = st.text(string.ascii_letters + string.digits + "-_", min_size=30, max_size=60).map(lambda s: "Zq" + s)
SHAPES = (
    "https://api.telegram.org/bot123456:{}/sendMessage",
    "https://api.telegram.org/file/bot123456%3A{}/x.jpg",
    "the token 123456789:{} was refused",
    "https://api.vk.com/method/wall.post?access_token=vk1.a.{}&v=5.199",
    "User authorization failed: vk1.a.{} has expired",
    '{{"access_token": "{}"}}',
    '{{"refreshJwt":"{}","handle":"a"}}',
    "{{'bot_token': '{}', 'x': 1}}",
    "{{b'access_token': b'{}'}}",
    '{{\\"access_token\\": \\"{}\\"}}',
    "access_token%3D{}%26v",
    "Authorization: Bearer {}",
    "{{'Authorization': 'Bearer {}'}}",
    "authorization: DPoP {}",
    "Authorization: Basic {}",
    "answered to Bearer {} with 401",
    "Internal Server Error: /decide/{}/",
    "Internal Server Error: /plan/for/{}/?month=2025-10",
    "Gone: /plan/for/{}/",
    "Gone: /invitations/{}/",
    "client_secret={}&grant_type=x",
    "/back?code={}&state=1",
    "code_verifier={}",
    "'app_password': '{}'",
    '"password": "two words {}"',
    "password={}",
    "bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{}.{} in the request",
    "niva_{}",
    "postgresql://niva:{}@host/db",
    "postgresql://niva:a@b{}@host/db",
    "smtp://user:{}@host:25",
    "http://user:{}@proxy:3128",
    "Cookie: sessionid={}; csrftoken=1",
    "Set-Cookie: sessionid={}; Path=/",
    "api_key={}",
    "secret_key: {}",
    "the key ya29.{} was refused",
    "the key 1//{} was refused",
    "the application's GOCSPX-{} is wrong",
    "the speech service refuses sk-proj-{}",
    "the keys act.{} and rft.{}",
    "https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable&upload_id={}",
)


@pytest.mark.parametrize("shape", SHAPES)
@given(secret=WORD)
def test_no_secret_survives(shape, secret):
    text = shape.replace("{{", "{").replace("}}", "}").replace("{}", secret)
    for clean in (hide, scrub, redact):
        assert secret not in clean(text), clean(text)
        assert clean(clean(text)) == clean(text)
    assert secret not in str(OutcomeUnknown("no_answer", text))


@pytest.mark.parametrize(
    "text",
    [
        "HTTP 400: the photo is too large, error code: 100, at 12:30",
        "https://example.org/posts/1?page=2",
        "no answer within 30 s",
        "чат 123456:789 не найден",
        "token_expired",
    ],
)
def test_plain_words_stay(text):
    assert hide(text) == text


def test_a_traceback_in_the_log_hides_them_too():
    try:
        raise RuntimeError("https://api.telegram.org/bot1:ZqSecret/getMe failed")
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "call %s", ("token=ZqSecret",), sys.exc_info())
        record.headers = {"Authorization": "Bearer ZqSecret"}
    line = JsonFormatter().format(record)
    assert "ZqSecret" not in line
    assert json.loads(line)["level"] == "ERROR"


def test_what_carries_secrets_does_not_show_them():
    for holder in (Credential(secrets={"access_token": "ZqSecret"}), App("id", "ZqSecret")):
        assert "ZqSecret" not in f"{holder!r} {holder}"
