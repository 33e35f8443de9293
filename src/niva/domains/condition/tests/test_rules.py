"""The judgement: a page in order has no fault, one thing changed makes one fault, and nothing breaks it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.domains.condition import checklists
from niva.domains.condition.factories import SITE, make_profile, make_seen
from niva.domains.condition.mending import propose, with_utm
from niva.domains.condition.rules import RULES, Ground, Said, judge_all, score, words
from niva.domains.condition.seen import Link, Seen, Shown, pack, unpack
from niva.domains.condition.states import IN_ORDER, State
from niva.networks.base.checklist import Item, common, load_checklist
from niva.networks.base.limits import Limit, Limits
from niva.networks.base.profile import FIELDS, Picture, Pinned, Profile
from niva.networks.registry import all_networks

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def limits(confirmed: bool = True, **values: int) -> Limits:
    return Limits({name: Limit(value, "", NOW.date(), confirmed) for name, value in values.items()})


LIMITS = limits(
    avatar_side_min=200, cover_width_min=800, cover_height_min=200, cover_width_best=1920,
    cover_height_best=768, cover_safe_width=1200, cover_safe_height=768,
)  # fmt: skip
GROUND = Ground(LIMITS, "practice", datetime.now(UTC))
ITEMS = tuple(
    Item(code=code, **{**table, "fields": tuple(table.get("fields", ()))}) for code, table in common().items()
)


def faults(seen: Seen | None, ground: Ground = GROUND, said: dict[str, Said] | None = None) -> dict[str, str]:
    """The items that are not in order, of those that the desk itself judges: code → what is said."""
    found = judge_all(ITEMS, seen, said or {}, ground)
    return {
        one.item.code: one.verdict.said
        for one in found
        if one.verdict.state not in (*IN_ORDER, State.NOT_APPLICABLE) and (one.item.fields or said)
    }


def of(seen: Seen | None, code: str, said: Said | None = None, ground: Ground = GROUND):
    found = judge_all(ITEMS, seen, {code: said} if said else {}, ground)
    return next((one.verdict for one in found if one.item.code == code), None)


def test_a_page_in_order_has_no_fault():
    assert faults(make_seen()) == {}


ALONE = [
    ({"avatar": Picture("")}, "avatar_set", "avatar_missing"),
    ({"cover": Picture("")}, "cover_set", "cover_missing"),
    ({"handle": ""}, "handle_set", "handle_missing"),
    ({"handle": "club123456"}, "handle_set", "handle_digits"),
    ({"status": " "}, "status_set", "field_empty"),
    ({"address": ""}, "address_set", "field_empty"),
    ({"age_mark": ""}, "age_mark", "field_empty"),
    ({"menu": ()}, "menu_set", "field_empty"),
    ({"site": "https://ferma.example/"}, "site_utm", "utm_missing"),
    ({"site": "https://ferma.example/?utm_source=VK&utm_medium=bio"}, "site_utm", "utm_untidy"),
    ({"messages_on": False}, "messages_on", "messages_off"),
    ({"greeting": ""}, "greeting_set", "field_empty"),
    ({"comments_on": False}, "comments_on", "comments_off"),
    ({"closed": True}, "open_to_all", "closed"),
    ({"verified": False}, "verified", "not_verified"),
    ({"admins": 1}, "admins_two", "admins_few"),
    ({"pinned": None, "has_pinned": False}, "pinned_set", "pinned_missing"),
    ({"pinned": Pinned("1", at=datetime(2020, 1, 1, tzinfo=UTC))}, "pinned_fresh", "pinned_old"),
    ({"last_post_at": datetime.now(UTC) - timedelta(days=15)}, "post_recent", "post_old"),
    ({"followers": 10_001}, "registered", "register_missing"),
    ({"followers": 9_000}, "registered", "register_soon"),
]


@pytest.mark.parametrize(("changes", "code", "said"), ALONE, ids=[one[2] + "-" + one[1] for one in ALONE])
def test_one_thing_changed_is_one_fault(changes, code, said):
    assert faults(make_seen(make_profile(**changes))) == {code: said}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (make_seen(avatar=Shown(width=1, height=1)), {
            "avatar_size": "avatar_small", "avatar_legible": "picture_tiny",
            "avatar_contrast": "picture_tiny", "avatar_corners": "picture_tiny"}),
        (make_seen(avatar=Shown("too_many_pixels")), {
            "avatar_size": "picture_too_large", "avatar_square": "picture_too_large",
            "avatar_legible": "picture_too_large", "avatar_contrast": "picture_too_large",
            "avatar_corners": "picture_too_large"}),
        (make_seen(avatar=Shown("not_a_picture")), {
            "avatar_legible": "picture_not_picture", "avatar_contrast": "picture_not_picture",
            "avatar_corners": "picture_not_picture"}),
        (make_seen(cover=Shown(width=900, height=900, legible=1, contrast=9)), {
            "cover_ratio": "cover_proportions"}),
        (make_seen(cover=Shown(width=500, height=200)), {"cover_size": "cover_small"}),
        (make_seen(cover=Shown(width=1920, height=768, outside=0.6)), {"cover_safe": "cover_edges"}),
        (make_seen(avatar=Shown(width=400, height=300, legible=0.9, contrast=9)), {
            "avatar_square": "avatar_not_square"}),
        (make_seen(avatar=Shown(width=400, height=400, legible=0.4, contrast=9)), {
            "avatar_legible": "avatar_illegible"}),
        (make_seen(avatar=Shown(width=400, height=400, legible=0.9, contrast=1.4)), {
            "avatar_contrast": "avatar_pale"}),
        (make_seen(avatar=Shown(width=400, height=400, legible=0.9, contrast=9, corners=0.5)), {
            "avatar_corners": "avatar_cut"}),
        (make_seen(links=(Link(SITE, "dead", "status", 404),)), {"links_alive": "links_dead"}),
        (make_seen(links=(Link(SITE, "unsure", "no_answer"),)), {"links_alive": "links_unsure"}),
    ],
)  # fmt: skip
def test_pictures_and_links(seen, expected):
    assert faults(seen) == expected


def test_a_missing_site_and_contact():
    profile = make_profile(site="", about="Молоко", contacts=())
    assert faults(make_seen(profile, links=())) == {
        "site_set": "site_missing", "about_contact": "contact_missing", "contacts_set": "field_empty",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("пишите на sales@ferma.example", True), ("8 (900) 123-45-67", True), ("@ferma_bot", True),
        ("t.me/ferma", True), ("Работаем с 2012 по 2026 год", False), ("цена 1 200 000 рублей", False),
        ("", False), ("ИНН 1655", False),
    ],
)  # fmt: skip
def test_what_counts_as_a_contact(text, found):
    assert words.has_contact(text) is found


def test_addresses_in_a_text():
    text = "Сайт ferma.ru, цены (https://ferma.ru/price?a=1). Почта a@ferma.ru. Т.е. вот так."
    assert words.written(text) == ["https://ferma.ru/price?a=1", "https://ferma.ru"]
    assert words.written("молоко.рф и report.program") == ["https://молоко.рф"]


def test_a_link_to_another_network_is_no_site():
    profile = make_profile(site="", links=("https://t.me/ferma",))
    assert of(make_seen(profile), "site_utm").said == "no_link"
    assert of(make_seen(profile), "site_set").state == State.OK


def test_an_unconfirmed_limit_is_never_required():
    ground = replace(GROUND, limits=limits(confirmed=False, avatar_side_min=500))
    found = judge_all(ITEMS, make_seen(), {}, ground)
    one = next(one for one in found if one.item.code == "avatar_size")
    assert (one.verdict.state, one.item.required, one.required) == (State.BROKEN, True, False)


# What people say


def said(state: State, days_ago: int, days: int = 90) -> Said:
    at = GROUND.now - timedelta(days=days_ago)
    return Said(state, at, at + timedelta(days=days))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (None, (State.TODO, "unanswered")),
        (said(State.DONE, 89), (State.DONE, "said_done")),
        (said(State.DONE, 90), (State.TODO, "answer_old")),
        (said(State.BROKEN, 1), (State.BROKEN, "said_broken")),
        (said(State.NOT_APPLICABLE, 1), (State.NOT_APPLICABLE, "said_not_applicable")),
    ],
)
def test_what_no_api_tells_is_asked_and_asked_again(word, expected):
    verdict = of(make_seen(), "second_step", word)
    assert (verdict.state, verdict.said) == expected


def test_what_the_network_does_not_tell_is_asked_or_left_out():
    seen = make_seen(Profile(about="Молоко, +7 900 123-45-67"), reads=frozenset({"about"}))
    assert of(seen, "admins_two").said == "unanswered"
    assert of(seen, "avatar_set").said == "unanswered"
    assert of(seen, "avatar_size") is None
    assert of(seen, "about_contact").state == State.OK


def test_what_is_seen_goes_before_what_is_said_but_for_not_needed():
    broken = make_seen(make_profile(messages_on=False))
    assert of(broken, "messages_on", said(State.DONE, 1)).state == State.BROKEN
    assert of(broken, "messages_on", said(State.NOT_APPLICABLE, 1)).state == State.NOT_APPLICABLE
    assert of(broken, "messages_on", said(State.NOT_APPLICABLE, 91)).state == State.BROKEN
    assert of(make_seen(), "messages_on", said(State.NOT_APPLICABLE, 1)).state == State.OK
    unseen = make_seen(avatar=Shown("unreachable"))
    assert of(unseen, "avatar_legible", said(State.DONE, 1)).state == State.DONE


def test_nobody_has_looked():
    found = judge_all(ITEMS, None, {}, GROUND)
    assert {one.verdict.said for one in found} == {"not_looked", "unanswered"}
    assert score(found).done == 0


def test_the_score_counts_what_is_required_and_applies():
    found = judge_all(ITEMS, make_seen(), {}, GROUND)
    asked = {"owner_own", "second_step", "rights_proven"}
    required = {one.item.code for one in found if one.required}
    counted = score(found)
    assert asked <= required
    assert (counted.done, counted.required) == (
        len(required) - 3 - 1,
        len(required) - 1,
    )  # no duty to register
    answered = judge_all(ITEMS, make_seen(), {code: said(State.DONE, 1) for code in asked}, GROUND)
    assert score(answered).done == score(answered).required


# Properties

_text = st.one_of(st.none(), st.text(max_size=60))
_texts = st.one_of(st.none(), st.lists(st.text(max_size=30), max_size=3).map(tuple))
_flag = st.one_of(st.none(), st.booleans())
_moment = st.one_of(
    st.none(), st.timedeltas(timedelta(days=-9000), timedelta(days=9000)).map(lambda one: NOW + one)
)
_side = st.one_of(st.none(), st.integers(0, 60_000))
_picture = st.one_of(st.none(), st.builds(Picture, st.sampled_from(["", "set"]), _side, _side))
_pinned = st.builds(Pinned, st.text(max_size=5), text=st.text(max_size=40), at=_moment)
profiles = st.builds(
    Profile, name=_text, handle=_text, status=_text, about=_text, site=_text, links=_texts, contacts=_texts,
    address=_text, hours=_text, category=_text, avatar=_picture, cover=_picture,
    pinned=st.one_of(st.none(), _pinned),
    has_pinned=_flag, button=_text, menu=_texts, age_mark=_text, messages_on=_flag, greeting=_text,
    comments_on=_flag, admins=st.one_of(st.none(), st.integers(0, 9)), verified=_flag, registered=_flag,
    closed=_flag, followers=st.one_of(st.none(), st.integers(0, 10**7)), last_post_at=_moment,
)  # fmt: skip
_share = st.floats(0, 1)
shown = st.one_of(
    st.none(),
    st.builds(
        Shown, st.sampled_from(["", "too_many_pixels", "not_a_picture", "address_inside", "unreachable"]),
        st.integers(1, 60_000), st.integers(1, 60_000), _share, st.floats(1, 21), _share,
        st.one_of(st.none(), _share),
    ),
)  # fmt: skip
links = st.lists(
    st.builds(Link, st.text(max_size=20), st.sampled_from(["alive", "dead", "unsure"])), max_size=3
).map(tuple)
seens = st.builds(
    Seen, profiles, st.sets(st.sampled_from(sorted(FIELDS))).map(frozenset), shown, shown, links
)


@settings(max_examples=150, deadline=None)
@given(seens)
def test_every_page_gets_a_judgement_that_holds(seen):
    found = judge_all(ITEMS, seen, {}, GROUND)
    counted = score(found)
    assert 0 <= counted.done + counted.unknown <= counted.required
    for one in found:
        assert one.verdict.state == State.OK or one.verdict.said
        assert one.item.ask or set(one.item.fields) & seen.reads
    assert judge_all(ITEMS, unpack(pack(seen)), {}, GROUND) == found, "kept and read again it says the same"


@settings(max_examples=60, deadline=None)
@given(profiles, st.sampled_from(sorted(RULES)))
def test_a_field_that_is_not_told_is_never_a_fault(profile, code):
    """None is “not told”: it leads to a question or to nothing, never to a verdict of broken."""
    item = next(one for one in ITEMS if one.code == code)
    blank = replace(profile, **dict.fromkeys(item.fields))
    verdict = of(Seen(blank, FIELDS), code)
    assert verdict is None or verdict.state != State.BROKEN


_names = st.sampled_from(["a", "b", "utm_source", "UTM_MEDIUM", "utm_campaign"])
_query = st.dictionaries(_names, st.text(max_size=8))


@settings(max_examples=60, deadline=None)
@given(_query, st.sampled_from(["", "#part"]))
def test_marks_put_on_a_link_are_in_order_and_put_on_once(query, fragment):
    url = f"https://ferma.example/price?{urlencode(query)}{fragment}"
    marked = with_utm(url, "vk")
    assert words.good_utm(marked) and with_utm(marked, "vk") == marked and marked.endswith(fragment)


def test_proposals():
    seen = make_seen(make_profile(site="https://ferma.example/?a=1&utm_source=VK", about="Молоко"))
    site = propose("site_utm", seen, FIELDS, network="vk")
    assert site.value == "https://ferma.example/?a=1&utm_source=vk&utm_medium=bio&utm_campaign=profile"
    assert words.good_utm(site.value)
    inside = make_seen(make_profile(site=None, about="Сайт: ferma.ru, звоните"))
    about = propose("site_utm", inside, frozenset({"about"}), network="telegram")
    assert about.value.startswith("Сайт: https://ferma.ru?utm_source=telegram&utm_medium=bio")
    assert propose(
        "about_contact", seen, frozenset({"about"}), network="vk", siblings=[make_profile()]
    ).value == ("Молоко\n\nОльга, +7 900 123-45-67")
    assert propose("messages_on", seen, FIELDS, network="vk").value is True
    assert propose("status_set", seen, frozenset(), network="vk") is None
    assert propose("admins_two", seen, FIELDS, network="vk") is None


# The lists


@pytest.mark.parametrize("network", sorted(all_networks()))
def test_every_network_has_a_list_that_can_be_read(network):
    items = load_checklist(all_networks()[network].manifest.folder)
    assert len({one.code for one in items}) == len(items) and items
    for one in items:
        for text in (one.title, one.why, one.how):
            assert text and not set("абвгдеё") & set(text.lower().replace("«", "")), (network, one.code, text)
        for text in (one.title_ru, one.why_ru, one.how_ru):
            assert text and "!" not in text and "успешно" not in text.lower(), (network, one.code)
    assert checklists.items_of(network) == items


def test_every_rule_belongs_to_an_item():
    assert set(RULES) <= set(common())
    assert all(field in FIELDS for item in ITEMS for field in item.fields)


def test_a_list_that_nobody_understands_is_refused(tmp_path):
    for text in (
        '[avatar_set]\nmust = true', '[new]\npart = "look"', '[avatar_set]\nfields = ["nose"]',
        '[avatar_set]\nweight = 9', '[second_step]\nask = false', '[avatar_set]\npart = "nowhere"',
    ):  # fmt: skip
        (tmp_path / "checklist.toml").write_text(text)
        with pytest.raises(ValueError, match="checklist"):
            load_checklist(tmp_path)
    (tmp_path / "checklist.toml").write_text("[cover_set]\nabsent = true\n[avatar_set]\nrequired = false\n")
    items = {one.code: one for one in load_checklist(tmp_path)}
    assert "cover_set" not in items and not items["avatar_set"].required


def test_nothing_of_a_profile_is_forgotten_when_it_is_kept():
    seen = make_seen()
    again = unpack(pack(seen))
    for one in fields(Profile):
        if one.name not in ("avatar", "cover", "more"):
            assert getattr(again.profile, one.name) == getattr(seen.profile, one.name), one.name
    assert again.profile.avatar == Picture("set", 400, 400), "its address may carry a key"
