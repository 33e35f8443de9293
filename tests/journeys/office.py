"""Five people of one newsroom, each before his own screen; the client on a phone, without an account."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from playwright.sync_api import Browser, expect

from tests.journeys.browsing import Watched, watched
from tests.journeys.running import RunningDesk
from tests.journeys.walk import ZONE, Story, in_composer, number_in, typed

PASSWORD: Final = "слова подряд как всегда"
PEOPLE: Final = {"author": "Илья Гордеев", "editor": "Лев Демидов", "designer": "Света Котова"}
APPROVER: Final = "Кузьма Ильич"


@dataclass(frozen=True)
class Team:
    """Who sits where. `boss` owns the workspace; the others came by invitation."""

    boss: Watched
    author: Watched
    editor: Watched
    designer: Watched


@contextlib.contextmanager
def hired(browser: Browser, desk: RunningDesk, story: Story, boss: Watched, client: int) -> Iterator[Team]:
    """Three people invited by their boss, each come in by his own link."""
    own = [*story.own, *PEOPLE.values(), APPROVER]
    with contextlib.ExitStack() as stack:
        seats = {}
        for role, name in PEOPLE.items():
            link = invite(boss, f"{role}@example.org", client, role)
            width = "phone" if role == "designer" else "desk"
            theme = "dark" if role == "editor" else "light"
            seat = stack.enter_context(
                watched(browser, desk.url, language=story.language, width=width, theme=theme, own=own)
            )
            come_in(seat, link, name)
            seats[role] = seat
        yield Team(boss, **seats)


def invite(boss: Watched, email: str, client: int, role: str) -> str:
    """The desk sends no mail here, so it shows the link."""
    boss.page.goto("/people/invite/")
    boss.page.fill("[name=email]", email)
    boss.page.select_option(f"[name=client_{client}]", role)
    boss.page.locator("main form button.go").click()
    return boss.page.locator("input[readonly]").first.input_value()


def come_in(seat: Watched, link: str, name: str) -> None:
    """By the link: a name, a password, and one is there."""
    seat.page.goto(link)
    seat.page.fill("[name=name]", name)
    seat.page.fill("[name=password]", PASSWORD)
    seat.page.locator("main form button.go").click()
    expect(seat.page.locator("h1")).to_contain_text(seat.says("Today"))


# Strategy and terms


def write_strategy(boss: Watched, client: int) -> None:
    """Two groups of people, a proof, and the page that the owner reads."""
    boss.page.goto(f"/clients/{client}/strategy/")
    boss.check("strategy")
    steps = dict(boss.page.locator("main a[href*='/strategy/step/']").evaluate_all(
        "links => links.map(a => [a.getAttribute('href').split('/').at(-2), a.getAttribute('href')])"
    ))  # fmt: skip
    add_row(
        boss, steps["audience"], {"who": "Мама двоих детей", "fears": "подделка", "asks": "Чем докажете?"}
    )
    boss.check("strategy-step")
    add_row(boss, steps["proofs"], {"claim": "Молоко проверяет лаборатория", "figure": "12 раз за год"})
    boss.page.goto(f"/clients/{client}/strategy/page/")
    expect(boss.page.locator("main")).to_contain_text("Молоко проверяет лаборатория")
    boss.check("strategy-page")


def add_row(boss: Watched, step: str, values: dict[str, str]) -> None:
    boss.page.goto(step)
    form = boss.page.locator("form[action$='/add/']")
    for name, value in values.items():
        form.locator(f"[name$={name}]").first.fill(value)
    form.locator("button").click()
    expect(boss.page.locator("main .rows").first).to_contain_text(next(iter(values.values())))


def agree_on_approval(boss: Watched, client: int) -> None:
    """From now on nothing goes out without the client."""
    boss.page.goto(f"/clients/{client}/terms/")
    boss.page.locator("[name=needed]").check()
    boss.page.fill("[name=approver_name]", APPROVER)
    boss.page.locator("form:has([name=needed]) button.go").click()
    boss.page.goto(f"/clients/{client}/terms/")
    expect(boss.page.locator("[name=approver_name]")).to_have_value(APPROVER)
    boss.check("terms")


# Cards


def propose(seat: Watched, client: int, title: str) -> int:
    """An idea on the board. Returns the piece's number."""
    seat.page.goto(f"/board/?client={client}")
    seat.page.goto(f"/board/idea/?client={client}")
    seat.page.fill("main [name=title]", title)
    seat.page.select_option("main [name=client]", str(client))
    seat.page.locator("main form button.go").click()
    seat.page.goto(f"/board/?client={client}")
    card = seat.page.locator("article, li").filter(has_text=title).locator("a[href^='/pieces/']").first
    return number_in(card.get_attribute("href") or "")


def open_piece(seat: Watched, piece: int) -> None:
    seat.page.goto(f"/pieces/{piece}/")


def hand_on(seat: Watched, piece: int, to: str) -> None:
    """To the next stage, which is called `to`; what a person ticks is ticked first."""
    open_piece(seat, piece)
    tick = seat.page.locator("#next button.tick[aria-pressed=false]").first
    while tick.count():
        tick.click()
        seat.page.wait_for_load_state()
        tick = seat.page.locator("#next button.tick[aria-pressed=false]").first
    seat.page.get_by_role("button", name=re.compile(rf"{re.escape(to)}$")).click()
    expect(seat.page.locator(".way [aria-current=step]")).to_contain_text(to)


def give_back(seat: Watched, piece: int, reason: str, note: str) -> None:
    """To the author, with a reason of the list and words."""
    open_piece(seat, piece)
    seat.page.locator("#next details:has(#back-stage) summary").click()
    seat.page.locator("#back-stage").select_option(label=seat.says("Draft"))
    seat.page.select_option("#back-reason", reason)
    seat.page.fill("#back-note", note)
    seat.page.locator("#next form:has(#back-stage) button").click()
    expect(seat.page.locator("main")).to_contain_text(note)


def stage_of(desk: RunningDesk, piece: int) -> str:
    """The kind of the stage in which it stands."""
    asked = "select s.kind from editorial_piece p join editorial_stage s on s.id = p.stage_id where p.id = %s"
    return str(desk.sql(asked, piece)[0][0])


def fill_piece(seat: Watched, piece: int, **values: str) -> None:
    """What is asked of a piece."""
    seat.page.goto(f"/pieces/{piece}/edit/")
    for name, value in values.items():
        box = seat.page.locator(f"main [name={name}]").first
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(label=value)
        else:
            box.fill(value)
    seat.page.locator("main form button.go").first.click()
    seat.page.wait_for_url(re.compile(rf"/pieces/{piece}/"))


# Approval


def ask_client(seat: Watched, post: int, message: str) -> str:
    """Returns the link for the client."""
    seat.page.goto(f"/approvals/ask/{post}/")
    seat.page.fill("[name=message]", message)
    seat.page.locator("main form button.go").click()
    return seat.page.locator("#link").input_value()


def approve(client: Watched, link: str) -> None:
    client.page.goto(link)
    client.check("decide")
    client.page.locator(".decide-bar button.go").click()
    expect(client.page.locator("main [role=status]")).to_be_visible()
    client.check("decided")


def return_with(client: Watched, link: str, paragraph: str, remark: str) -> None:
    """At the very place: the paragraph is pressed, the remark is typed under it."""
    client.page.goto(link)
    client.page.locator(".decide-bar a[href*='do=return']").click()
    spot = client.page.locator("details.spot").filter(has_text=paragraph).first
    spot.locator("summary").click()
    spot.locator("textarea").fill(remark)
    client.check("decide-return")
    client.page.locator(".decide-bar button.go").click()
    expect(client.page.locator("main")).to_contain_text(remark)


def write_text(seat: Watched, post: int, text: str) -> None:
    """In the composer, which keeps it by itself."""
    seat.page.goto(f"/posts/{post}/edit/")
    in_composer(seat)
    typed(seat, text)


def settle_remarks(seat: Watched, piece: int) -> None:
    """Every open remark is marked as put right."""
    open_piece(seat, piece)
    button = seat.page.locator("form[action$='/settle/'] button").filter(has_text=seat.says("Settled"))
    while button.count():
        button.first.click()
        seat.page.wait_for_load_state()


def plan_post(boss: Watched, post: int, rubric: str) -> None:
    """In the composer: what it is for, its rubric, where and when it goes."""
    boss.page.goto(f"/posts/{post}/edit/")
    in_composer(boss)
    boss.page.select_option("[name=goal]", index=1)
    boss.page.select_option("[name=rubric]", label=rubric)
    boss.page.locator("[name=community]").first.check()
    boss.page.click(".hour-menu summary")
    boss.page.fill("[name=day]", f"{datetime.now(ZONE).date() + timedelta(days=3)}")
    boss.page.fill("[name=at]", "12:00")
    boss.press("Save")
    boss.page.wait_for_load_state()


def add_rubric(boss: Watched, client: int, name: str) -> None:
    boss.page.goto(f"/clients/{client}/rubrics/")
    boss.page.locator("form [name=name]").first.fill(name)
    boss.page.locator("form:has([name=name]) button").first.click()
    expect(boss.page.locator("main")).to_contain_text(name)


def publish_now(seat: Watched, post: int) -> None:
    seat.page.goto(f"/posts/{post}/edit/")
    in_composer(seat)
    seat.page.locator(".now-menu summary").filter(has_text=seat.says("Now")).click()
    seat.press("Publish now")
