"""Pay reckoned a second time by a spreadsheet whose formulas know nothing of `rules.py`.

Raw agreements and the days on which pieces passed go into an XLSX; days, norms, shares and sums are formulas
there, and IronCalc, an engine of its own, works them out. Both must agree to the kopeck, month by month.
"""

import datetime as dt
import random
from decimal import Decimal

import ironcalc
import pytest
import xlsxwriter

from niva.domains.pay import counting
from niva.domains.pay.tests.test_counting import terms, work

D = Decimal
MONTHS = 200
EPOCH = dt.date(1899, 12, 30)
FAR = dt.date(2099, 12, 31)
COLUMNS = (
    "id", "month", "start", "end", "model", "period", "norm", "fix", "bonus", "over", "cap", "post", "reel",
    "w_post", "w_reel",
)  # fmt: skip
# name -> formula; {x} is the cell of column x in the row. Money is in kopecks, so that halves are exact.
FORMULAS = {
    "m_end": "EOMONTH({month},0)",
    "first": "MAX({month},{start})",
    "last": "MIN({m_end},{end})",
    "days": "MAX(0,{last}-{first}+1)",
    "m_days": "DAY({m_end})",
    "q_first": "DATE(YEAR({month}),3*INT((MONTH({month})-1)/3)+1,1)",
    "q_last": "EOMONTH({q_first},2)",
    "n_first": 'IF({period}="quarter",MAX({q_first},{start}),{first})',
    "n_last": 'IF({period}="quarter",MIN({q_last},{end}),{last})',
    "due": "IF(AND({n_last}>={n_first},{n_last}>={month},{n_last}<={m_end}),1,0)",
    "p_days": 'IF({period}="quarter",{q_last}-{q_first}+1,{m_days})',
    "n_days": "MAX(0,{n_last}-{n_first}+1)",
    "target": 'ROUND(IF({period}="day",{norm}*NETWORKDAYS({n_first},{n_last}),'
    '{norm}*{n_days}/IF({period}="week",7,{p_days})),2)',
    "c_post": 'COUNTIFS({ids},{id},{units},"post",{passed},">="&{first},{passed},"<="&{last})',
    "c_reel": 'COUNTIFS({ids},{id},{units},"reel",{passed},">="&{first},{passed},"<="&{last})',
    "v_post": 'COUNTIFS({ids},{id},{units},"post",{passed},">="&{n_first},{passed},"<="&{n_last})',
    "v_reel": 'COUNTIFS({ids},{id},{units},"reel",{passed},">="&{n_first},{passed},"<="&{n_last})',
    "volume": "{v_post}*{w_post}+{v_reel}*{w_reel}",
    "done": "IF({target}=0,100,ROUND({volume}*100/{target},2))",
    "share": "IF({done}<80,0,IF({done}<=100,{done},IF({over}=1,MIN({done},{cap}),100)))",
    "in_time": 'COUNTIFS({ids},{id},{times},"yes",{passed},">="&{n_first},{passed},"<="&{n_last})',
    "too_late": 'COUNTIFS({ids},{id},{times},"no",{passed},">="&{n_first},{passed},"<="&{n_last})',
    "clean": 'COUNTIFS({ids},{id},{firsts},"yes",{passed},">="&{n_first},{passed},"<="&{n_last})',
    "wrong": 'COUNTIFS({ids},{id},{errors},"yes",{passed},">="&{n_first},{passed},"<="&{n_last})',
    "n": "{v_post}+{v_reel}",
    "s_time": "IF({n}=0,0,IF({in_time}+{too_late}=0,100,ROUND({in_time}*100/({in_time}+{too_late}),2)))",
    "s_first": "IF({n}=0,0,ROUND({clean}*100/{n},2))",
    "s_clean": "IF({n}=0,0,ROUND(({n}-{wrong})*100/{n},2))",
    "k_fix": "ROUND({fix}*{days}/{m_days},0)",
    "k_pieces": "{c_post}*{post}+{c_reel}*{reel}",
    "k_bonus": "{due}*ROUND({bonus}*{n_days}*ROUND({share}*100,0)/({p_days}*10000),0)",
    "k_mixed": "{due}*("
    "ROUND({bonus}*{n_days}*ROUND({share}*100,0)*50/({p_days}*1000000),0)"
    "+ROUND({bonus}*{n_days}*ROUND({s_time}*100,0)*20/({p_days}*1000000),0)"
    "+ROUND({bonus}*{n_days}*ROUND({s_first}*100,0)*20/({p_days}*1000000),0)"
    "+ROUND({bonus}*{n_days}*ROUND({s_clean}*100,0)*10/({p_days}*1000000),0))",
    "total": 'IF({model}="piece",{k_pieces},IF({model}="fix",{k_fix},'
    'IF({model}="fix_bonus",{k_fix}+{k_bonus},{k_fix}+{k_mixed})))',
}


def a_month(number, chance):
    """An agreement, the month to reckon, and pieces around it."""
    month = dt.date(chance.choice((2026, 2027, 2028)), chance.randint(1, 12), 1)
    start = month + dt.timedelta(days=chance.choice((-400, -20, 0, 0, chance.randint(1, 27))))
    end = chance.choice((None, None, month + dt.timedelta(days=chance.randint(0, 60))))
    agreed = terms(
        number,
        model=chance.choice(("piece", "fix", "fix_bonus", "fix_bonus", "mixed", "mixed")),
        period=chance.choice(("month", "month", "quarter", "week", "day")),
        norm=D(chance.randint(1, 40)) if chance.random() < 0.8 else D(chance.randint(1, 4000)).scaleb(-2),
        fix=D(chance.randint(0, 9_000_000)).scaleb(-2),
        bonus=D(chance.randint(0, 5_000_000)).scaleb(-2),
        over=chance.random() < 0.5,
        cap=D(chance.choice((100, 120, 150))),
        rates={
            "post": (D(chance.randint(0, 200_000)).scaleb(-2), D(1)),
            "reel": (D(chance.randint(0, 500_000)).scaleb(-2), D(chance.choice(("2", "1.5", "0.25")))),
        },
        starts_on=start,
        ends_on=max(end, start) if end else None,
    )
    return agreed, month, [a_piece(number * 1000 + n, month, chance) for n in range(chance.randint(0, 45))]


def a_piece(number, month, chance):
    day = month + dt.timedelta(days=chance.randint(-70, 45))
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    planned = chance.choice((None, at - dt.timedelta(hours=1), at, at + dt.timedelta(days=1)))
    return work(
        number, counting.Pass(at, day), unit=chance.choice(("post", "post", "reel", "article")),
        planned_at=planned, first_pass=chance.random() < 0.8, error=chance.random() < 0.1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def months():
    chance = random.Random(1611)
    return [a_month(number, chance) for number in range(1, MONTHS + 1)]


@pytest.fixture(scope="module")
def reckoned(months, tmp_path_factory):
    """The totals in kopecks as the spreadsheet has them."""
    path = tmp_path_factory.mktemp("pay") / "months.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page, pieces = book.add_worksheet("Agreements"), book.add_worksheet("Pieces")
    rows = 0
    for row, (agreed, month, works) in enumerate(months):
        for column, value in enumerate(raw(agreed, month)):
            page.write(row, column, value)
        first = rows + 1
        for one in works:
            planned = one.planned_at
            timely = "" if planned is None else "yes" if one.accepted.at <= planned else "no"
            known = one.unit in ("post", "reel")
            values = (agreed.pk if known else 0, one.unit, serial(one.accepted.day), timely)
            values += ("yes" if one.first_pass else "no", "yes" if one.error else "no")
            for column, value in enumerate(values):
                pieces.write(rows, column, value)
            rows += 1
        cells = {name: f"{letters(n)}{row + 1}" for n, name in enumerate((*COLUMNS, *FORMULAS))}
        for n, name in enumerate(("ids", "units", "passed", "times", "firsts", "errors")):
            cells[name] = f"Pieces!{letters(n)}{first}:{letters(n)}{max(rows, first)}"
        for n, formula in enumerate(FORMULAS.values(), len(COLUMNS)):
            page.write_formula(row, n, "=" + formula.format(**cells))
    book.close()
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    last = len(COLUMNS) + len(FORMULAS)
    return [model.get_cell_value(0, row + 1, last) for row in range(len(months))]


def raw(agreed, month):
    money = [int(one.scaleb(2)) for one in (agreed.fix, agreed.bonus)]
    rates = [int(agreed.rates[unit][0].scaleb(2)) for unit in ("post", "reel")]
    return (
        agreed.pk, serial(month), serial(agreed.starts_on), serial(agreed.ends_on or FAR), agreed.model,
        agreed.period, agreed.norm, *money, int(agreed.over), agreed.cap, *rates,
        *(agreed.rates[unit][1] for unit in ("post", "reel")),
    )  # fmt: skip


def serial(day):
    return (day - EPOCH).days


def letters(column):
    return xlsxwriter.utility.xl_col_to_name(column)


def test_two_hundred_months_agree_to_the_kopeck(months, reckoned):
    different = []
    for (agreed, month, works), theirs in zip(months, reckoned, strict=True):
        lines = counting.lines_for(agreed, month, counting.claims(works, [agreed]), {})
        ours = sum((line.amount for line in lines), D(0))
        if ours.scaleb(2) != D(str(theirs)):
            different.append((agreed.pk, agreed.model, agreed.period, str(ours), theirs))
    assert different == []
    assert sum(1 for theirs in reckoned if theirs) > MONTHS // 2  # most of them pay something


def test_every_model_and_period_was_among_them(months):
    assert {(one.model, one.period) for one, *_rest in months} == {
        (model, period)
        for model in ("piece", "fix", "fix_bonus", "mixed")
        for period in ("month", "quarter", "week", "day")
    }
