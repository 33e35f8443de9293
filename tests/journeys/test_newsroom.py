"""Five people from a strategy to a published post: manager, author, editor, designer, and the client.

Two returns (by the editor for facts, by the client at a place of the text) and one approval that a later edit
made void. A desk started as a stranger starts it, real browsers, the practice network.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import office, walk
from tests.journeys.browsing import Watched, watched
from tests.journeys.office import APPROVER, PEOPLE, hand_on, stage_of
from tests.journeys.running import RunningDesk, until
from tests.journeys.walk import RUSSIAN, Story

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.thorough]
TITLE = "Сыр из утреннего молока"
RUBRIC = "Как мы делаем"
FIRST = "Сварили сыр из утреннего молока.\n\nГоловки зреют шесть недель."
MENDED = "Сварили сыр из утреннего молока.\n\nГоловки зреют семь недель."
SHORTER = "Сварили сыр из утреннего молока.\n\nГоловки зреют семь недель. Привезём в субботу."
LAST = "Сварили сыр из утреннего молока.\n\nГоловки зреют семь недель. Привезём в пятницу."
REMARK = "Не в субботу, а в пятницу: в субботу рынок"


@pytest.fixture(scope="module")
def desk(desks: list[RunningDesk]) -> RunningDesk:
    found = RunningDesk("newsroom", prepared=True)
    desks.append(found.start())
    return found


def test_five_people_from_a_strategy_to_a_published_post(browser: Browser, desk: RunningDesk):
    story = RUSSIAN
    own = [*story.own, *PEOPLE.values(), APPROVER, TITLE, RUBRIC]
    with watched(browser, desk.url, language="ru", own=own) as boss:
        client = begin(boss, story)
        office.write_strategy(boss, client)
        office.agree_on_approval(boss, client)
        with office.hired(browser, desk, story, boss, client) as team:
            piece, post = from_idea_to_draft(team, desk, client)
            past_the_editor(team, desk, piece, post)
            with watched(browser, desk.url, language="ru", width="phone", theme="dark", own=own) as customer:
                past_the_client(team, desk, customer, piece, post)
            out_and_looked_at(team, desk, piece, post)
    assert desk.troubles() == []


def begin(boss: Watched, story: Story) -> int:
    """A workspace, a client with a goal, and a community on the practice network."""
    walk.sign_up(boss, story)
    client = walk.take_on_client(boss, story)
    walk.set_goal(boss, story, client)
    walk.add_community(boss, story, client, "practice")
    walk.connect_by_keys(boss, {"access_token": walk.practice_key(boss, story.community)})
    office.add_rubric(boss, client, RUBRIC)
    return client


def from_idea_to_draft(team: office.Team, desk: RunningDesk, client: int) -> tuple[int, int]:
    """The author proposes; the manager makes a topic and a brief of it and hands it over."""
    piece = office.propose(team.author, client, TITLE)
    assert stage_of(desk, piece) == "idea"
    office.fill_piece(
        team.boss, piece, audience="хозяйки", key_message="Сыр живой, ему семь недель", call="Напишите нам",
        origin="разговор с сыроваром", author_id=PEOPLE["author"], designer_id=PEOPLE["designer"],
    )  # fmt: skip
    office.open_piece(team.boss, piece)
    team.boss.check("piece")
    link = team.boss.page.locator("main a[href$='/edit/'][href^='/posts/']").first
    post = walk.number_in((link.get_attribute("href") or "").removesuffix("edit/"))
    office.plan_post(team.boss, post, RUBRIC)
    for to in ("Тема", "ТЗ", "Черновик"):
        hand_on(team.boss, piece, to)
    assert stage_of(desk, piece) == "draft"
    return piece, post


def past_the_editor(team: office.Team, desk: RunningDesk, piece: int, post: int) -> None:
    """Written, returned for a fact, mended, accepted; the designer adds the picture."""
    office.write_text(team.author, post, FIRST)
    hand_on(team.author, piece, "Редактура")
    office.give_back(team.editor, piece, "fact", "Сыровар говорит: семь недель. Поправьте.")
    assert stage_of(desk, piece) == "draft"
    team.author.page.goto("/")
    expect(team.author.page.locator("main")).to_contain_text(TITLE)
    office.write_text(team.author, post, MENDED)
    hand_on(team.author, piece, "Редактура")
    hand_on(team.editor, piece, "Картинка")
    team.designer.page.goto(f"/posts/{post}/edit/")
    walk.in_composer(team.designer)
    walk.add_picture(team.designer, "сыр.jpg", "Головка сыра на доске")
    hand_on(team.designer, piece, "Вычитка и закон")
    team.boss.page.goto("/board/")
    team.boss.check("board-full")
    hand_on(team.editor, piece, "Согласование")


def past_the_client(team: office.Team, desk: RunningDesk, customer: Watched, piece: int, post: int) -> None:
    """Asked, returned at a place, mended, approved, changed and so void, asked and approved again."""
    office.write_text(team.author, post, SHORTER)
    first = office.ask_client(team.editor, post, "Проверьте срок и день")
    office.return_with(customer, first, "Привезём в субботу", REMARK)
    assert stage_of(desk, piece) == "draft"
    office.open_piece(team.author, piece)
    expect(team.author.page.locator("main")).to_contain_text(REMARK)
    office.write_text(team.author, post, LAST)
    office.settle_remarks(team.author, piece)
    for seat, to in (
        (team.author, "Редактура"), (team.editor, "Картинка"), (team.designer, "Вычитка и закон"),
        (team.editor, "Согласование"),
    ):  # fmt: skip
        hand_on(seat, piece, to)
    second = office.ask_client(team.editor, post, "Теперь пятница")
    office.approve(customer, second)
    assert verdicts(desk, post) == [("returned", False), ("approved", False)]
    office.write_text(team.author, post, LAST + " Ждём.")
    assert verdicts(desk, post) == [("returned", False), ("approved", True)]
    refused(team, post)
    third = office.ask_client(team.editor, post, "Одно слово добавили")
    office.approve(customer, third)
    assert verdicts(desk, post)[-1] == ("approved", False)


def refused(team: office.Team, post: int) -> None:
    """What the client has not approved as it reads does not go out."""
    with team.editor.bearing("422"):
        office.publish_now(team.editor, post)
        expect(team.editor.page.locator("main")).to_contain_text("согласован")


def out_and_looked_at(team: office.Team, desk: RunningDesk, piece: int, post: int) -> None:
    """It goes out; the board says so by itself; evidence and figures are there."""
    office.publish_now(team.editor, post)
    walk.wait_until_out(team.editor, post)
    until("the board follows", lambda: stage_of(desk, piece) == "published", 60)
    for name, path in (
        ("board", "/board/"), ("pieces", "/pieces/"), ("kaizen", "/kaizen/"), ("approvals", "/approvals/"),
        ("pay", "/pay/"), ("today", "/"), ("tasks", "/tasks/"), ("news", "/notices/"),
    ):  # fmt: skip
        team.boss.page.goto(path)
        team.boss.check(f"newsroom-{name}")
    returns = desk.sql(
        "select reason from editorial_stay where piece_id = %s and how = 'back' order by id", piece
    )
    assert [reason for (reason,) in returns] == ["fact", "client"]


def verdicts(desk: RunningDesk, post: int) -> list[tuple[str, bool]]:
    """(decision, whether it became void) of every round."""
    return [
        (str(decision), void)
        for decision, void in desk.sql(
            "select decision, voided_at is not null from publishing_approval where post_id = %s order by id",
            post,
        )
    ]
