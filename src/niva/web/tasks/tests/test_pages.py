"""Tasks in the browser: the list's cost, a half-filled brief, two people at once, the client outside."""

from __future__ import annotations

import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from niva.domains.clients.access import actor_for
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.services import tasks
from niva.domains.editorial.tasking import Task, TaskFileVersion
from niva.domains.publishing.models import PostMedia
from niva.web.clients.tests.conftest import anya, house

__all__ = ["anya", "house"]
BRIEF = {
    "goal": "Заявки на субботу",
    "audience": "Хозяйки Лугова",
    "message": "Привозим в день забоя",
    "do": "Написать до четверга",
    "tone": "Как сосед соседу",
    "facts": "Цены с листа от 1 марта",
}


def set_task(house, **changes) -> Task:
    values = {
        "client_id": house.client.pk,
        "kind": "copywriter",
        "title": "Текст про рёбрышки",
        "assignee_id": house.gleb.pk,
        "due_at": timezone.now() + timedelta(days=2),
        "brief": BRIEF,
    }
    return tasks.set_task(actor_for(house.anya), **{**values, **changes})


def typed(house, **changes) -> dict:
    day = timezone.localdate() + timedelta(days=3)
    boxes = {f"brief_{name}": value for name, value in BRIEF.items()}
    form = {
        "title": "Текст",
        "assignee": house.gleb.pk,
        "day": day,
        "at": "12:00",
        "norm": 90,
        "checklist": "Раз",
    }
    return {**form, **boxes, **changes}


def test_the_list_costs_the_same_for_one_task_and_for_forty(house, anya, django_assert_max_num_queries):
    set_task(house)
    address = reverse("tasks") + "?whose=set"
    anya.get(address)
    with django_assert_max_num_queries(20) as few:
        assert "Текст про рёбрышки" in anya.get(address).content.decode()
    for _n in range(40):
        set_task(house, piece_id=make_piece(house.client).pk)
    with django_assert_max_num_queries(len(few)):
        assert anya.get(address).content.decode().count("task-line") == 41


def test_late_ones_stand_first_and_done_ones_are_folded(house):
    gleb = house.browser(house.gleb)
    set_task(house, title="Потом", due_at=timezone.now() + timedelta(days=9))
    late = set_task(house, title="Опоздало")
    Task.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    done = set_task(house, title="Сделано")
    tasks.go(actor_for(house.gleb), task_id=done.pk, verb="hand", note="Вот")
    tasks.go(actor_for(house.anya), task_id=done.pk, verb="accept")
    page = gleb.get(reverse("tasks")).content.decode()
    assert page.index("Опоздало") < page.index("Потом") < page.index("Done: 1") < page.index("Сделано")


def test_a_half_filled_brief_comes_back_with_everything_typed(house, anya):
    address = f"{reverse('task_new')}?client={house.client.pk}&kind=copywriter"
    assert "Заявки" in anya.get(address).content.decode()  # filled from the client's goal
    answer = anya.post(address, typed(house, brief_message="", brief_goal="Заявки; подписки", at=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The brief is not whole without it." in page and "Only one. Set another task" in page
    assert "Choose a day and an hour." in page and "Хозяйки Лугова" in page and "Заявки; подписки" in page
    assert not Task.objects.exists()
    assert anya.post(address, typed(house)).status_code == 302
    assert (Task.objects.get().norm_minutes, Task.objects.get().assignee) == (90, house.gleb)


def test_a_brief_of_a_piece_tells_what_its_networks_take_and_that_the_slack_is_small(house, anya):
    piece = make_piece(house.client)
    piece.post.variants.create(community=house.community)
    piece.post.planned_at = timezone.now() + timedelta(days=3, hours=14)
    piece.post.save()
    page = anya.get(f"{reverse('task_new')}?piece={piece.pk}&kind=designer").content.decode()
    assert "What the networks take" in page and "text up to" in page
    starts = timezone.localdate() + timedelta(days=9)
    ads = {
        "brief_ad_goal": "leads", "brief_product": "Мясо", "brief_kpi": "40", "brief_budget": "30 000",
        "brief_starts": starts, "brief_ends": starts, "brief_link": "https://hutor.example/",
    }  # fmt: skip
    answer = anya.post(f"{reverse('task_new')}?piece={piece.pk}&kind=ads", typed(house, **ads), follow=True)
    assert "3 days are wanted" in answer.content.decode()


def test_two_people_on_one_task_the_second_is_told(house, anya):
    task = set_task(house)
    gleb = house.browser(house.gleb)
    go = reverse("task_go", args=[task.pk])
    assert gleb.post(go, {"verb": "hand", "seen": "open", "note": "Вот"}).status_code == 302
    answer = gleb.post(go, {"verb": "hand", "seen": "open", "note": "И ещё вот"})
    assert answer.status_code == 409
    assert "Somebody was quicker" in answer.content.decode()
    back = anya.post(go, {"verb": "give_back", "seen": "handed", "reason": "tone", "note": ""})
    assert back.status_code == 422
    assert "Say in words what is to be mended." in back.content.decode()
    edit = reverse("task_edit", args=[task.pk])
    assert anya.post(edit, typed(house, version=1, title="Первая правка")).status_code == 302
    clash = anya.post(edit, typed(house, version=1, title="Вторая правка"))
    assert clash.status_code == 409
    assert "Вторая правка" in clash.content.decode()


def test_a_note_marks_only_people_of_here_and_escapes_the_rest(house, anya):
    task = set_task(house)
    anya.post(reverse("task_say", args=[task.pk]), {"text": "@Глеб Ильин и @Зоя Чужая <script>"})
    page = anya.get(reverse("task", args=[task.pk])).content.decode()
    assert '<b class="mention">@Глеб Ильин</b> и @Зоя Чужая &lt;script&gt;' in page
    assert anya.post(reverse("task_say", args=[task.pk]), {"text": " "}).status_code == 422


def test_a_document_is_only_ever_saved_and_a_lie_is_refused(house, anya, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    task = set_task(house)
    address = reverse("task_files", args=[task.pk])
    lie = SimpleUploadedFile("бриф.pdf", b"<html><script>alert(1)</script>\x00")
    refused = anya.post(address, {"file": lie}, headers={"Accept": "application/json"})
    assert (refused.status_code, TaskFileVersion.objects.count()) == (422, 0)
    words = SimpleUploadedFile("план.txt", "<b>Слова</b>".encode())
    assert anya.post(address, {"file": words}, headers={"Accept": "application/json"}).status_code == 201
    version = TaskFileVersion.objects.get()
    given = anya.get(reverse("work_file", args=[version.pk]) + "?show=1")
    assert given["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%BF")
    assert (given["Content-Type"], given["X-Content-Type-Options"]) == (
        "text/plain; charset=utf-8",
        "nosniff",
    )
    assert house.browser(house.klava).get(reverse("work_file", args=[version.pk])).status_code == 403
    assert house.browser(house.zoya, house.other).post(address, {"file": words}).status_code == 404


def test_a_picture_of_a_task_is_not_the_clients_before_it_stands_in_a_post(house, anya, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    body = io.BytesIO()
    Image.new("RGB", (64, 64), "green").save(body, "PNG")
    upload = {"file": SimpleUploadedFile("эскиз.png", body.getvalue())}
    anya.post(reverse("task_files", args=[set_task(house).pk]), upload)
    version, klava = TaskFileVersion.objects.get(), house.browser(house.klava)
    assert anya.get(reverse("work_file", args=[version.pk]) + "?show=1")["Content-Disposition"] == "inline"
    address = reverse("asset_thumb", args=[version.asset_id])
    assert klava.get(address).status_code == 403
    PostMedia.objects.create(post=make_piece(house.client).post, asset=version.asset)
    assert klava.get(address).status_code == 200


def test_ticks_waits_and_giving_on(house, anya):
    task = set_task(house, checklist=["Сверить"])
    gleb = house.browser(house.gleb)
    tick = reverse("task_tick", args=[task.pk])
    gleb.post(tick, {"point": "0", "text": "Сверить", "done": "1"})
    assert Task.objects.get().checklist[0]["done"] is True
    assert gleb.post(tick, {"point": "0", "text": "Другое", "done": "1"}).status_code == 409
    assert gleb.post(tick, {"point": "x", "text": "Сверить"}).status_code == 409
    wait = reverse("task_wait", args=[task.pk])
    assert gleb.post(wait, {"reason": "other"}).status_code == 422
    assert gleb.post(wait, {"reason": "approval"}).status_code == 302
    assert "It waits: the approval is stalled." in gleb.get(reverse("task", args=[task.pk])).content.decode()
    assert gleb.post(wait, {"reason": "approval"}).status_code == 409
    gleb.post(reverse("wait_end", args=[task.blocks.get().pk]))
    assert task.blocks.get().until is not None
    give = reverse("task_give", args=[task.pk])
    assert anya.post(give, {"to": house.klava.pk}).status_code == 422  # the client does not work here
    assert anya.post(give, {"to": house.anya.pk}).status_code == 302


def test_the_client_sees_nothing_of_it(house):
    task = set_task(house)
    klava = house.browser(house.klava)
    for address in (
        reverse("tasks"),
        reverse("task_new"),
        f"{reverse('task_new')}?client={house.client.pk}",
        reverse("task", args=[task.pk]),
        reverse("task_edit", args=[task.pk]),
    ):
        assert klava.get(address).status_code == 403
    assert klava.post(reverse("task_say", args=[task.pk]), {"text": "А"}).status_code == 403
