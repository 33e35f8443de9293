"""Steps of the journeys: what a person does on one page after the other, in either language.

Fields are found by their names, buttons by the words on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.journeys.browsing import Watched, watched
from tests.journeys.pictures import picture
from tests.journeys.running import until

ZONE = ZoneInfo("Europe/Moscow")  # of the workspace and its clients, as the desk offers it


@dataclass(frozen=True)
class Story:
    """Who works for whom: what is typed in one of the languages."""

    language: str
    owner: str
    email: str
    password: str
    workspace: str
    client: str
    about: str
    figure: str
    community: str
    fact: str
    text: str
    alt: str
    file: str

    @property
    def own(self) -> list[str]:
        """What people typed, which stays as it is in every language."""
        return [
            self.owner,
            self.email,
            self.workspace,
            self.client,
            self.about,
            self.figure,
            self.community,
            self.fact,
            self.text,
            self.alt,
            self.file,
        ]


RUSSIAN = Story(
    "ru", "Анна Полевая", "anna@example.org", "четыре слова подряд", "Артель «Колос»", "Ферма «Заря»",
    "Молоко и сыр под Тулой", "Заявки на сыр", "Заря: сыр и молоко", "Позвонила пекарня с Садовой",
    "Сварили сыр из утреннего молока. Головки по 800 г, привезём в субботу.", "Головка сыра на доске",
    "сыр.jpg",
)  # fmt: skip
ENGLISH = Story(
    "en", "Ann Field", "ann@example.org", "four words in a row", "Harvest & Co", "Dawn Farm",
    "Milk and cheese near Bath", "Cheese orders", "Dawn: cheese and milk", "The bakery in Garden Street rang",
    "Cheese from this morning's milk. Wheels of 800 g, we bring them on Saturday.", "A cheese on a board",
    "cheese.jpg",
)  # fmt: skip


def number_in(url: str) -> int:
    """The last number in an address."""
    return int(re.findall(r"/(\d+)(?=/|$)", url)[-1])


def sign_up(it: Watched, story: Story) -> None:
    """The first who comes becomes the owner and lands on Today."""
    it.page.goto("/")
    it.page.wait_for_url("**/account/signup/")
    it.check("sign-up")
    it.check_focus()
    it.page.fill("[name=name]", story.owner)
    it.page.fill("[name=email]", story.email)
    it.page.fill("[name=password]", story.password)
    it.page.fill("[name=workspace]", story.workspace)
    it.press("Start")
    expect(it.page.locator("h1")).to_contain_text(it.says("Today"))


def take_on_client(it: Watched, story: Story) -> int:
    """A business with its name; the desk then asks for the goal. Returns the client's number."""
    it.page.goto("/clients/new/")
    it.check("client-kinds")
    it.page.locator("a[href$='kind=business']").click()
    it.page.fill("[name=name]", story.client)
    it.page.fill("[name=about]", story.about)
    it.press("Take on")
    it.page.wait_for_url("**/goals/new/")
    return int(it.page.url.split("/clients/")[1].split("/")[0])


def set_goal(it: Watched, story: Story, client: int) -> None:
    """A figure with its plan, its price and its deadline: sixty days from a week ago."""
    today = datetime.now(ZONE).date()
    it.page.goto(f"/clients/{client}/goals/new/")
    it.check("goal-new")
    it.page.fill("[name=figure]", story.figure)
    it.page.fill("[name=plan]", "40")
    it.page.fill("[name=price_limit]", "900")
    it.page.fill("[name=starts_on]", f"{today - timedelta(days=7)}")
    it.page.fill("[name=deadline]", f"{today + timedelta(days=53)}")
    it.press("Set the goal")
    it.page.wait_for_url(re.compile(rf"/clients/{client}/$"))


def add_community(it: Watched, story: Story, client: int, network: str, name: str = "") -> int:
    """A community that still has no keys; the desk then asks for them. Returns its number."""
    it.page.goto(f"/communities/new/{client}/")
    it.check("community-new", shot=network == "practice")
    it.page.check(f"[name=network][value={network}]")
    it.page.fill("[name=name]", name or story.community)
    it.press("Add and connect")
    it.page.wait_for_url("**/connect/")
    return number_in(it.page.url)


def practice_key(it: Watched, name: str) -> str:
    """As the guide beside the form says: open the practice network, make a community there, copy its key."""
    browser, address = it.page.context.browser, it.page.locator(".guide a").first.get_attribute("href")
    assert browser and address
    with watched(browser, address, language=it.language, width=it.width, theme=it.theme) as there:
        there.page.goto(address)
        there.page.locator("a.button[href='/new']").click()
        there.page.fill("[name=name]", name)
        there.page.click("form button")
        return there.page.locator("#access-key").inner_text()


def connect_by_keys(it: Watched, keys: dict[str, str]) -> None:
    """Types the keys; they are tried by a real call."""
    for name, value in keys.items():
        it.page.fill(f"[name={name}]", value)
    it.press("Connect")
    it.page.wait_for_url(re.compile(r"/communities/\d+/$"))


# Writing


def begin_post(it: Watched, client: int) -> int:
    """An empty post in the composer. Returns its number."""
    it.page.goto(f"/posts/new/?client={client}")
    return in_composer(it)


def in_composer(it: Watched) -> int:
    """Waits until the composer listens to the keyboard. Returns the post's number."""
    it.page.wait_for_url("**/edit/")
    expect(it.page.locator("niva-composer:defined")).to_have_count(1)
    return number_in(it.page.url)


def typed(it: Watched, text: str) -> None:
    """Types the common text and waits until the desk has kept it and said what the networks think."""
    fill_and_keep(it, "#text", text)


def fill_and_keep(it: Watched, field: str, text: str) -> None:
    """Fills one field of the composer, which saves it by itself."""
    with it.page.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        it.page.fill(field, text)


def too_long_then_mended(it: Watched, text: str, most: int) -> None:
    """37 characters over the limit: the surplus is told while one types, and gone once it is mended."""
    typed(it, text + "!" * (most - len(text) + 37))
    expect(it.page.locator("#limits .bad")).to_have_text(re.compile(r"\d"))
    expect(it.page.locator("#say-text .err")).to_contain_text("37")
    it.check("composer-too-long")
    typed(it, text)
    expect(it.page.locator("#say-text .err")).to_have_count(0)
    expect(it.page.locator("#limits .bad")).to_have_count(0)


def add_picture(it: Watched, name: str, alt: str) -> None:
    """Uploads a picture and says what is in it."""
    file = {"name": name, "mimeType": "image/jpeg", "buffer": picture()}
    it.page.set_input_files("niva-upload input[type=file]", [file])  # type: ignore[list-item]
    expect(it.page.locator(".file")).to_have_count(1)
    fill_and_keep(it, "[name^=alt-]", alt)


def schedule_for_tomorrow(it: Watched) -> None:
    """Gives it tomorrow's noon in the composer."""
    it.page.click(".hour-menu summary")
    it.page.fill("[name=day]", f"{datetime.now(ZONE).date() + timedelta(days=1)}")
    it.page.fill("[name=at]", "12:00")
    it.press("Schedule")
    it.page.wait_for_url(re.compile(r"/posts/\d+/$"))


def move_to_now(it: Watched, name: str) -> None:
    """In the calendar: «Move…», today, this very minute. The worker takes it up at once."""
    it.page.goto("/plan/?view=list")
    it.page.get_by_role("link", name=re.compile(rf"{it.says('Move…')}.*{re.escape(name)}")).first.click()
    now = datetime.now(ZONE)
    it.page.fill("#dialog [name=date]", f"{now.date()}")
    it.page.fill("#dialog [name=time]", f"{now:%H:%M}")
    it.check("plan-move", shot=it.width == "phone")
    it.page.click("#dialog button.go")
    expect(it.page.locator("#dialog dialog")).to_have_count(0)


def wait_until_out(it: Watched, post: int) -> str:
    """The post's page says by itself that it is out. Returns its address in the network."""
    it.page.goto(f"/posts/{post}/")
    link = it.page.get_by_role("link", name=it.says("Open in the network"), exact=True)
    expect(link).to_be_visible(timeout=60_000)
    expect(it.page.locator("article .is-out").first).to_be_visible(timeout=30_000)
    return link.get_attribute("href") or ""


def wait_for_numbers(it: Watched, post: int) -> None:
    """The first reading comes some seconds after the post went out."""
    values = it.page.locator("article .figs .val")

    def come() -> bool:
        it.page.goto(f"/posts/{post}/")
        return any(re.search(r"\d", said) for said in values.all_inner_texts())

    until("the first numbers are there", come, 60)


def write_fact(it: Watched, story: Story, client: int) -> None:
    """Somebody rang: a row that the goal counts."""
    it.page.goto(f"/clients/{client}/rows/")
    it.page.fill("#fact [name=amount]", "3")
    it.page.fill("#fact [name=note]", story.fact)
    it.press("Write down")
    expect(it.page.locator("#facts table")).to_contain_text(story.fact)
