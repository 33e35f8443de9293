"""Sign-in of a site and of a desk on one's own machine, rotation of keys, rights, numbers, settings."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.testing import Harness
from niva.networks.base.types import App, Credential, Measure
from niva.networks.tiktok import NETWORK
from niva.networks.tiktok.tests.fake import FakeTikTok

Field = tuple[Harness, FakeTikTok]
VERIFIER = "verifier-verifier-verifier-verifier-verifier-1"
SITE, OWN = "https://desk.example/back", "http://127.0.0.1:8000/back"


@pytest.mark.parametrize(("back", "pkce"), [(SITE, False), (OWN, True)])
async def test_oauth_round_and_rotation(field: Field, back: str, pkce: bool):
    harness, fake = field
    app, facts = fake.app(), fake.credential().facts
    asked = NETWORK.authorize_url(app, redirect_uri=back, state="s-1", verifier=VERIFIER, facts=facts)
    query = parse_qs(urlsplit(asked).query)
    assert ("code_challenge" in query, query["client_key"]) == (pkce, ["aw-client"])
    assert query["scope"] == ["user.info.basic,user.info.profile,user.info.stats,video.publish,video.list"]
    async with harness.session.get(asked, allow_redirects=False) as reply:
        params = {k: v[0] for k, v in parse_qs(urlsplit(reply.headers["Location"]).query).items()}
    nobody = replace(harness.call(credential=Credential()), app=app)
    keys = await NETWORK.exchange(nobody, params=params, redirect_uri=back, verifier=VERIFIER, facts=facts)
    assert keys.facts["renewal_ends_at"] > keys.facts["access_expires_at"]
    assert (keys.facts["open_id"], keys.expires_at) == ("open-1", None)
    assert (await NETWORK.account(harness.call(credential=keys))).lacks == ()
    fresh = await NETWORK.refresh(replace(harness.call(credential=keys), app=app))
    assert fresh.secrets["refresh_token"] != keys.secrets["refresh_token"]
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.refresh(replace(harness.call(credential=keys), app=app))
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(nobody, params=params, redirect_uri=back, verifier="another", facts=facts)
    with pytest.raises(Rejected, match="app_missing"):
        NETWORK.authorize_url(App(), redirect_uri=back, state="s", verifier=VERIFIER, facts={})
    assert await NETWORK.refresh(harness.call(credential=Credential())) == Credential()


async def test_the_test_button(field: Field):
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert (account.id, account.name, account.followers) == ("open-1", "Нива", 321)
    assert account.url == "https://www.tiktok.com/@niva"
    assert account.facts["privacies"] == ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
    fake.scopes = "user.info.basic"
    poor = fake.credential()
    lacks = (await NETWORK.account(harness.call(credential=poor))).lacks
    assert set(lacks) == set(NETWORK.manifest.abilities) - {"look_up"}
    with pytest.raises(NeedsLogin, match="no_right"):
        await NETWORK.read_profile(harness.call(credential=poor))
    with pytest.raises(NeedsLogin, match="not_connected"):
        await NETWORK.account(harness.call(credential=Credential()))


async def test_an_interface_that_was_withdrawn(field: Field):
    harness, fake = field
    old = fake.credential(api_base=f"{fake.url}/gone")  # answered by a web page, 404
    with pytest.raises(Rejected, match="interface_withdrawn"):
        await NETWORK.account(harness.call(credential=old))


async def test_numbers_and_settings(field: Field, tmp_path):
    harness, _ = field
    there = await harness.publish(harness.samples(tmp_path)["video"])
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), there)}
    assert (told["views"], told["reposts"]) == (Measure("views", 100), Measure("reposts", 1))
    counts = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert (counts["followers"], counts["posts"]) == (Measure("followers", 321), Measure("posts", 1))
    found = await NETWORK.read_profile(harness.call())
    assert (found.handle, found.about, found.verified) == ("niva", "Мёд", False)


async def test_the_key_never_goes_to_the_place_of_uploads(field: Field, tmp_path):
    harness, fake = field
    await harness.publish(harness.samples(tmp_path)["video"])
    assert fake.violations == []  # the fake notes an Authorization there
    assert len(fake.posts()) == 1
