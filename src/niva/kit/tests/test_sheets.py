"""Workbooks are read by a process of its own: what is hostile ends there, what is odd is read."""

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from niva.kit import sheets


def book(fill, **options):
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    fill(made, made.add_worksheet("План"))
    made.close()
    return out.getvalue()


def code_of(data):
    with pytest.raises(sheets.NotASheet) as refused:
        sheets.read(data)
    return refused.value.code


def test_cells_come_as_what_they_are():
    def fill(made, page):
        day = made.add_format({"num_format": "dd.mm.yyyy"})
        page.write_datetime(2, 1, dt.date(2026, 11, 17), day)
        page.write_datetime(2, 2, dt.time(19, 30), made.add_format({"num_format": "hh:mm"}))
        page.write_row(2, 3, [46343, "=1+1 ", True, 0.5])
        page.write_formula(2, 7, "=1+1", None, "")  # a formula without a value that was kept

    (sheet,) = sheets.read(book(fill, strings_to_formulas=False))
    ((line, cells),) = sheet.rows
    assert line == 3  # as the person sees it in the program
    assert [sheets.value(cell) for cell in cells[:4]] == [
        dt.date(2026, 11, 17),
        dt.time(19, 30),
        46343,
        "=1+1",
    ]
    assert [sheets.text(cell) for cell in cells] == ["17.11.2026", "19:30", "46343", "=1+1", "True", "0.5"]


def test_days_of_1904_are_the_same_days():
    def fill(made, page):
        page.write_datetime(0, 0, dt.date(2026, 11, 17), made.add_format({"num_format": "dd.mm.yyyy"}))

    assert sheets.read(book(fill, date_1904=True))[0].rows == sheets.read(book(fill))[0].rows


def test_a_cell_at_the_end_of_the_world_is_refused_within_the_limits():
    def fill(made, page):
        page.write(0, 0, "a")
        page.write(1_048_575, 16_383, "b")

    assert code_of(book(fill)) == "too_large"


def test_an_archive_that_says_it_unpacks_to_too_much_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(9):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", b"")
    data = bytearray(out.getvalue())
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = (2**32 - 2).to_bytes(4, "little")  # the size in the directory
    assert code_of(bytes(data)) == "bomb"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\x00" * 40, "empty"),
        (b"PK\x03\x04 rubbish", "broken"),
        (b"%PDF-1.4\nx", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "broken"),
        (b"x" * (sheets.LARGEST + 1), "too_large"),
    ],
)
def test_what_is_no_workbook_is_told_apart(data, code):
    assert code_of(data) == code


def test_hidden_sheets_charts_and_merged_cells():
    def fill(made, page):
        page.merge_range(0, 0, 2, 0, "вторник")
        page.write_column(0, 1, ["a", "b", "c", "d"])
        page.merge_range(5, 1, 5, 3, "поперёк")
        made.add_worksheet("Скрытый").hide()
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=План!$B$1:$B$3"})
        made.add_chartsheet("График").set_chart(chart)

    found = sheets.read(book(fill))
    assert [(one.name, one.hidden) for one in found] == [("План", False), ("Скрытый", True)]
    assert found[0].rows == [
        (1, ["вторник", "a"]),
        (2, ["вторник", "b"]),
        (3, ["вторник", "c"]),
        (4, ["", "d"]),
        (6, ["", "поперёк"]),
    ]


def test_what_a_csv_writes_is_harmless_and_comes_back():
    for text in ("=1+1", "+7", "-x", "@y", "\tz", "'=1", "''=1", "просто", "it's", ""):
        written = sheets.harmless(text)
        assert written[:1] not in ("=", "+", "-", "@", "\t") and sheets.harmed(written) == text
