"""Through the door: a file of past posts is chosen, read otherwise, brought in, taken back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from niva.domains.clients.factories import make_client, make_person, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics.history import HistoryImport
from niva.domains.publishing.models import Publication

pytestmark = pytest.mark.django_db
TEXT = (
    "when;Permalink;Likes\n21.05.2025 07:30;https://vk.com/wall-1_10;40\nnever;https://vk.com/wall-1_11;4\n"
)


@pytest.fixture
def place():
    return make_community(make_client(make_workspace()))


@pytest.fixture
def browser(client, place):
    client.force_login(make_person(place.workspace, language="en"))
    return client


def send(browser, place, text: str = TEXT):
    file = SimpleUploadedFile("old.csv", text.encode(), content_type="text/csv")
    return browser.post(reverse("figures_history_new", args=[place.pk]), {"file": file})


def test_a_column_that_was_not_understood_is_chosen_and_the_posts_come_in(browser, place):
    answer = send(browser, place)
    file = HistoryImport.objects.get()
    url = reverse("figures_history", args=[file.pk])
    assert answer.headers["Location"] == url
    page = browser.get(url).content.decode()
    assert "No column says when a post went out" in page
    read = {"column0": "published", "column1": "link", "column2": "likes", "zone": "Europe/Moscow",
            "day_first": "1", "as_of": "2026-01-10"}  # fmt: skip
    assert browser.post(url, read).status_code == 302
    page = browser.get(url).content.decode()
    assert "New posts: 1." in page and "“never” is no day" in page and not Publication.objects.exists()
    browser.post(reverse("figures_history_bring", args=[file.pk]))
    assert Publication.objects.get().url == "https://vk.com/wall-1_10"
    assert "old.csv" in browser.get(reverse("figures_history_new", args=[place.pk])).content.decode()
    browser.post(reverse("figures_history_back", args=[file.pk]))
    assert not Publication.objects.exists()


def test_wrong_choices_keep_what_was_chosen(browser, place):
    send(browser, place)
    url = reverse("figures_history", args=[HistoryImport.objects.get().pk])
    wrong = {
        "column0": "likes",
        "column1": "link",
        "column2": "likes",
        "zone": "Asia/Tokyo",
        "as_of": "2026-01-10",
    }
    answer = browser.post(url, wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Two columns are the same field" in page and '<option value="Asia/Tokyo" selected>' in page


@pytest.mark.parametrize("text", ["", "only one column\n1\n"])
def test_what_is_no_table_is_said(browser, place, text):
    assert send(browser, place, text).status_code == 422
    assert not HistoryImport.objects.exists()


def test_a_stranger_finds_nothing(client, place, browser):
    send(browser, place)
    file = HistoryImport.objects.get()
    client.force_login(make_person(make_workspace()))
    assert client.get(reverse("figures_history", args=[file.pk])).status_code == 404
    assert client.post(reverse("figures_history_bring", args=[file.pk])).status_code == 404
    assert client.get(reverse("figures_history_new", args=[place.pk])).status_code == 404
