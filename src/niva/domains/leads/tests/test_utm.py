"""Marks of links: one way to write them, all ways to read them, nothing guessed."""

import pytest

from niva.domains.leads import utm
from niva.domains.leads.contacts import masked, masked_name, plain_forms
from niva.domains.leads.states import BACK, FORWARD, RANKS, Status, is_correction, reached, ways


@pytest.mark.parametrize("spelling", ["vk", "VK", "Vkontakte", "vkontakte_ru", " vk.com ", "ВКонтакте"])
def test_all_spellings_of_one_source_are_one(spelling):
    marks = utm.normal({"utm_source": spelling, "UTM_Medium": "CPC"})
    assert (marks.source, marks.medium, marks.unknown) == ("vk", "cpc", ())
    assert marks.network == "vk"
    assert marks.paid is True
    assert marks.raw["source"] == spelling.strip()


def test_an_unknown_spelling_is_kept_and_named_and_tells_nothing():
    marks = utm.normal({"utm_source": "Vkontachte", "utm_medium": "smth new"})
    assert marks.source == "vkontachte"
    assert marks.unknown == ("source", "medium")
    assert (marks.network, marks.paid) == ("", None)


def test_no_alias_stands_for_two_sources_and_every_name_is_itself():
    for part in ("source", "medium"):
        seen = {}
        for name, row in utm._TABLE[part].items():
            for alias in (name, *row.get("also", ())):
                assert utm._plain(alias) == alias.lower().replace(" ", "_"), alias
                assert seen.setdefault(alias, name) == name, alias


@pytest.mark.parametrize(
    ("content", "post"),
    [("post_12", (12, None)), ("post_12_5", (12, 5)), ("12", (12, None)), ("p12", (12, None)),
     ("blue_banner", None), ("", None), ("post_9999999999999999999", None)],
)  # fmt: skip
def test_the_post_is_read_out_of_the_content(content, post):
    assert utm.normal({"utm_content": content}).post == post


def test_a_link_is_marked_keeping_its_own_query_and_anchor_and_is_read_back():
    url = utm.marked(
        "https://example.ru/honey?size=3&x=#order", source="vk", medium="social",
        campaign="leads_b2c_2026_11",
        content=utm.content_of(12, 5),
    )  # fmt: skip
    assert url.startswith("https://example.ru/honey?size=3&x=&utm_source=vk")
    assert url.endswith("#order")
    marks = utm.of_url(url)
    assert (marks.source, marks.medium, marks.campaign, marks.post) == (
        "vk",
        "social",
        "leads_b2c_2026_11",
        (12, 5),
    )


@pytest.mark.parametrize(
    ("url", "source", "campaign", "code"),
    [
        ("javascript:alert(1)", "vk", "c", "no_link"),
        ("example.ru", "vk", "c", "no_link"),
        ("http://[bad", "vk", "c", "no_link"),
        ("https://example.ru/?utm_source=vk", "vk", "c", "marked"),
        ("https://example.ru/", "vkontakte", "c", "unknown"),
        ("https://example.ru/", "vk", "Осень 2026", "untidy"),
    ],
)
def test_what_cannot_be_marked_is_refused_with_its_code(url, source, campaign, code):
    with pytest.raises(utm.WrongLink) as error:
        utm.marked(url, source=source, medium="social", campaign=campaign, content="post_1")
    assert error.value.code == code


def test_contacts_are_compared_in_one_form():
    assert plain_forms("8 (916) 123-45-67") == plain_forms("+7 916 123 45 67") == ["tel:9161234567"]
    assert plain_forms("Anna@Mail.RU, t.me/anna_k") == ["mail:anna@mail.ru", "name:anna_k"]
    assert plain_forms("@anna_k") == ["name:anna_k"]
    assert plain_forms("в сообщениях") == []


def test_a_masked_contact_is_known_again_and_of_no_use():
    assert masked("+7 916 123-45-67") == "… 45-67"
    assert masked("anna@mail.ru") == "a…@mail.ru"
    assert masked_name("Анна Петровна Сидорова") == "Анна П."
    assert (masked(""), masked_name("")) == ("", "")


def test_arrows_lead_everywhere_and_no_way_is_both_forward_and_back():
    assert set(FORWARD) == set(BACK) == set(Status.values)
    for status in Status.values:
        assert not set(FORWARD[status]) & set(BACK[status])
        assert status not in ways(status)


def test_how_far_he_came_outlives_a_refusal_and_not_a_correction():
    assert reached("qualified", "refused", RANKS["qualified"]) == RANKS["qualified"]
    assert reached("sold", "refused", RANKS["sold"]) == RANKS["qualified"]
    assert is_correction("sold", "contacted")
    assert reached("sold", "contacted", RANKS["sold"]) == RANKS["contacted"]
    assert reached("new", "sold", 0) == RANKS["sold"]
