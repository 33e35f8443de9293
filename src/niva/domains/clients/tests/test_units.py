import pytest

from niva.domains.clients.units import Unit

LEAD = Unit("заявка", "заявки", "заявок")


@pytest.mark.parametrize(
    ("count", "word"),
    [(0, "заявок"), (1, "заявка"), (2, "заявки"), (5, "заявок"), (11, "заявок"), (14, "заявок"),
     (18, "заявок"), (21, "заявка"), (22, "заявки"), (111, "заявок"), (1.5, "заявки"), (-1, "заявка")],
)  # fmt: skip
def test_three_forms_after_a_number(count, word):
    assert LEAD.after(count) == word


@pytest.mark.parametrize(("count", "word"), [(1, "заявки"), (21, "заявки"), (11, "заявок"), (38, "заявок")])
def test_three_forms_after_from_and_to(count, word):
    assert LEAD.of(count) == word


def test_two_forms_and_one():
    lead = Unit("lead", "", "leads")
    assert [lead.after(n) for n in (0, 1, 2, 21)] == ["leads", "lead", "leads", "leads"]
    assert Unit("₽").after(5) == "₽"
