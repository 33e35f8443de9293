"""Tables as spreadsheets export them: encodings, delimiters, numbers and days of two languages."""

from __future__ import annotations

from datetime import date, time

import pytest

from niva.kit.tables import NotATable, day_of, decoded, number_of, read

HEAD = "Дата;Подписчики\n23.11.2026;1 240\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_the_encoding_is_guessed(encoding):
    assert decoded(HEAD.encode(encoding)) == HEAD


@pytest.mark.parametrize("data", [b"\x89PNG\x00\x01", b"a;b\x00\n", b"\x98\x00"])
def test_what_is_no_text_is_said_to_be_none(data):
    with pytest.raises(NotATable, match="binary"):
        decoded(data)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_guessed(delimiter):
    table = read(HEAD.replace(";", delimiter))
    assert table.delimiter == delimiter
    assert table.rows == [(1, ["Дата", "Подписчики"]), (2, ["23.11.2026", "1 240"])]


def test_quotes_blank_lines_and_what_excel_writes_first():
    table = read('sep=;\r\nДата;"Пост; второй"\r\n\r\n23.11.2026;"раз\nдва"\r\n;\r\n')
    assert [cells for _line, cells in table.rows] == [["Дата", "Пост; второй"], ["23.11.2026", "раз\nдва"]]


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("\n \n", "empty"), ("подписчики\n12", "one_column")]
)
def test_no_table(text, code):
    with pytest.raises(NotATable, match=code):
        read(text)


NUMBERS = {
    "1240": 1240, "1 240": 1240, "1\u00a0240": 1240, "1\u202f240,5": 1240.5, "1,240": 1240, "1.240": 1240,
    "12,5": 12.5, "12.5": 12.5, "0.234": 0.234, "0,500": 0.5,
    "1.234.567": 1234567, "1.234,56": 1234.56, "1,234.56": 1234.56, "0": 0,
    "-3": -3, "": None, "—": None, "12 тыс.": None, "1e9": None, "nan": None, "12,5,6": None,
}  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), NUMBERS.items())
def test_numbers(cell, value):
    assert number_of(cell) == value


DAYS = {
    "2026-11-23": date(2026, 11, 23), "23.11.2026": date(2026, 11, 23), "3.1.26": date(2026, 1, 3),
    "23/11/2026": date(2026, 11, 23), "23 ноября 2026": date(2026, 11, 23), "1 мая 2026 г.": date(2026, 5, 1),
    "8 марта 2026": date(2026, 3, 8),
}  # fmt: skip


@pytest.mark.parametrize(("cell", "day"), DAYS.items())
def test_days(cell, day):
    assert day_of(cell) == (day, None)


@pytest.mark.parametrize(
    "cell", ["2026-11-23T14:05", "2026-11-23 14:05:59", "23.11.2026 14:05", "23.11.2026, 14:05"]
)
def test_days_with_an_hour(cell):
    assert day_of(cell) == (date(2026, 11, 23), time(14, 5))


WRONG_DAYS = ("", "вчера", "31.02.2026", "2026-13-01", "23.11.2026 в обед", "23.11.2026 25:00", "45000")


@pytest.mark.parametrize("cell", WRONG_DAYS)
def test_no_days(cell):
    assert day_of(cell) is None
