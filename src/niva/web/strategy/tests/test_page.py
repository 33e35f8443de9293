"""The owner's page and its PDF, and the marketer's vision with hostile files."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from niva.domains.strategy.factories import make_rubric, make_segment
from niva.domains.strategy.grounds import Competitor, Proof, Risk
from niva.domains.strategy.guided import Vision
from niva.domains.strategy.visions import LARGEST

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def url(name, *args):
    return reverse(name, args=args)


def text(answer):
    return answer.content.decode()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def row(model, farm, **values):
    return model.objects.create(workspace=farm.workspace, client=farm.client, **values)


@pytest.fixture
def written(farm, mark):
    pk = farm.client.pk
    mark.post(url("strategy_step", pk, "plain"), {"text": "Показываем, как растёт мясо.", "version": "0"})
    make_segment(farm.client, "Мама двоих", fears="Не свежее")
    make_rubric(farm.client, "Рецепты", share=40)
    row(Competitor, farm, name="Рынок у дома")
    row(Risk, farm, risk="Карантин")
    row(Proof, farm, claim="Свидетельство", permission="given")
    row(Proof, farm, claim="Письмо соседа", permission="refused")
    return farm


def test_the_page_says_what_is_written_and_what_is_not(written, mark):
    page = text(mark.get(url("strategy_page", written.client.pk)))
    assert "Показываем, как растёт мясо." in page and "Мама двоих" in page and "Заявки" in page
    assert "Не свежее" not in page, "what people fear is for those who work"
    assert "Not written yet:" in page and "Formats and repackaging" in page


def test_the_client_sees_it_without_competitors_and_risks_until_they_are_shared(written, mark):
    klava, path = written.browser("klava"), url("strategy_page", written.client.pk)
    assert klava.get(url("strategy", written.client.pk))["Location"] == path
    page = text(klava.get(path))
    assert "Мама двоих" in page and "Свидетельство" in page
    assert not any(word in page for word in ("Рынок у дома", "Карантин", "Письмо соседа"))
    assert "Рынок у дома" in text(mark.get(path))
    mark.post(url("strategy_shown", written.client.pk), {"whole": "1"})
    page = text(klava.get(path))
    assert "Рынок у дома" in page and "Карантин" in page and "Письмо соседа" not in page


def test_the_pdf_is_made_of_words_and_not_of_markup(written, mark):
    row(Risk, written, risk='#panic("x") *жирно* $x$ @метка')
    answer = mark.get(url("strategy_pdf", written.client.pk))
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment")
    assert written.browser("zoya").get(url("strategy_pdf", written.client.pk)).status_code == 404


def test_a_long_text_goes_on_on_the_next_sheet(written, mark):
    def sheets():
        return int(re.search(rb"/Count (\d+)", mark.get(url("strategy_pdf", pk)).content)[1])

    pk = written.client.pk
    before = sheets()
    mark.post(url("strategy_step", pk, "task"), {"text": "слово " * 3000, "version": "0"})
    assert sheets() >= before + 3


def test_an_empty_strategy_prints_that_it_is_empty(farm, mark):
    page = text(mark.get(url("strategy_page", farm.client.pk)))
    assert "The page in plain words is not written yet." in page
    assert mark.get(url("strategy_pdf", farm.client.pk)).status_code == 200


# The vision


def add(browser, farm, body=None, name="видение.pdf", **fields):
    data = dict(fields)
    if body is not None:
        data["file"] = SimpleUploadedFile(name, body, "application/pdf")
    return browser.post(url("strategy_vision", farm.client.pk), data)


def test_versions_stay_as_they_came_and_documents_are_only_downloaded(farm, mark):
    assert add(mark, farm, text="Хочу как у соседа", said_by="Пётр").status_code == 302
    assert add(mark, farm, PDF, name="Видение «2027».pdf").status_code == 302
    second, first = Vision.objects.all()
    assert (first.number, first.text, second.number, second.kind) == (1, "Хочу как у соседа", 2, "pdf")
    page = text(mark.get(url("strategy_vision", farm.client.pk)))
    assert "Хочу как у соседа" in page and "Видение «2027».pdf" in page
    path = url("strategy_vision_file", farm.client.pk, second.pk)
    answer = mark.get(path)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == f'attachment; filename="vision-{farm.client.pk}-2.pdf"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert mark.get(url("strategy_vision_file", farm.client.pk, first.pk)).status_code == 404
    assert farm.browser("klava").get(path).status_code == 403
    assert farm.browser("zoya").get(path).status_code == 404


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("[Content_Types].xml", "<Types/>")
        box.writestr("word/document.xml", b" " * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("договор.pdf", b"MZ\x90\x00" + b"\x00" * 100, "no PDF, DOCX, TXT or MD"),
        ("договор.docx", bomb(), "unpacks to far more"),
        ("договор.pdf", PDF[:-7], "damaged"),
        ("договор.pdf", b"", "empty"),
        ("договор.txt", b"x" * (LARGEST + 1), "20 MB"),
    ],
)
def test_a_hostile_document_is_not_taken_and_the_text_stays(farm, mark, name, body, words, tmp_path):
    answer = add(mark, farm, body, name=name, text="Моё видение")
    assert answer.status_code == 422
    assert words in text(answer) and "Моё видение" in text(answer)
    assert not Vision.objects.exists()
    assert not list((tmp_path / "documents").glob("*")), "nothing of it stays on the disk"


def test_nothing_at_all_is_no_version(farm, mark):
    assert add(mark, farm, text="  ").status_code == 422
