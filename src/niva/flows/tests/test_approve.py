"""Approval through its doors: asked, decided by the link, bound to hashes, void after an edit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role, Terms
from niva.domains.clients.services import terms as contract
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.services import moves
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import How, StageKind
from niva.domains.notices.models import Notice
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.domains.publishing.approving import Approval, Decision, Remark
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.services import approving, deciding, drafts, schedule
from niva.domains.publishing.services.deciding import Answer, Gone, Said
from niva.domains.publishing.services.gate import NotApproved
from niva.domains.publishing.states import State
from niva.flows import approve, remind

pytestmark = pytest.mark.django_db
TEXT = "Рёбрышки не сохнут, если два часа лежать им под фольгой при 150°. Заказы по телефону 8-900-000."


class Scene:
    """A client whose posts go out only when Kuzma has approved them."""

    def __init__(self, **terms: Any) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.client = make_client(self.actor.workspace)
        self.places = [connect(make_community(self.client, name=name)) for name in ("Хутор", "Хутор-2")]
        self.post = make_post(*self.places, text=TEXT, created_by=self.actor.user)
        self.terms = contract.set_terms(
            self.actor, client_id=self.client.pk,
            **{"approver_name": "Кузьма Ильич", "approver_email": "kuzma@example.org", **terms},
        )  # fmt: skip

    def ask(self, **more: Any) -> tuple[Approval, str]:
        return approve.ask(self.actor, post_id=self.post.pk, **more)

    def say(self, secret: str, verdict: str = "approve", **more: Any) -> Approval:
        return approve.decide_by_link(secret, answer=Answer(verdict, "Кузьма Ильич", **more))

    def save(self, **fields: Any) -> None:
        self.post.refresh_from_db()
        drafts.save(self.actor, post_id=self.post.pk, version=self.post.version, fields=fields)

    def schedule(self, post: Post | None = None) -> list[Delivery]:
        later = timezone.now() + timedelta(hours=3)
        return schedule.schedule(self.actor, post_id=(post or self.post).pk, at=later).deliveries

    def member(self, role: str) -> Actor:
        user = make_person(self.actor.workspace, WorkspaceRole.MEMBER, name=f"Член {role}")
        give_role(self.client, user, role)
        return Actor(
            workspace=self.actor.workspace, user=user, role=WorkspaceRole.MEMBER,
            client_roles={self.client.pk: role},
        )  # fmt: skip

    def piece_at(self) -> str:
        return str(Post.objects.get(pk=self.post.pk).piece.stage.kind)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_nothing_goes_out_until_the_client_has_said_yes(scene):
    with pytest.raises(NotApproved):
        scene.schedule()
    approval, secret = scene.ask(message="Посмотрите до среды")
    with pytest.raises(NotApproved):
        scene.schedule()
    assert secret not in str(Approval.objects.filter(pk=approval.pk).values())
    decided = scene.say(secret)
    assert decided.decision == Decision.APPROVED and decided.decided_as == "Кузьма Ильич"
    assert len(scene.schedule()) == 2
    assert Notice.objects.get(kind="approval_decided").user == scene.actor.user


def test_without_terms_nothing_is_asked(scene):
    Terms.objects.all().delete()
    assert len(scene.schedule()) == 2


def test_the_gate_costs_one_query(scene, django_assert_max_num_queries):
    from niva.domains.publishing.services import gate

    checks = approving._sound(scene.post)
    with django_assert_max_num_queries(1), pytest.raises(NotApproved):
        gate.demand(scene.post, checks)


@pytest.mark.parametrize("change", ["text", "link", "poll", "place", "own"])
def test_any_later_edit_makes_the_decision_void(scene, change):
    _approval, secret = scene.ask()
    scene.say(secret)
    if change == "text":
        scene.save(text=TEXT + ".")
    elif change == "link":
        scene.save(link_url="https://example.org/")
    elif change == "poll":
        scene.save(poll={"question": "Где?", "options": ["тут", "там"], "multiple": False, "anonymous": True})
    elif change == "place":
        drafts.set_communities(scene.actor, post_id=scene.post.pk, community_ids=[scene.places[0].pk])
    else:
        scene.post.refresh_from_db()
        variant = scene.post.variants.first()
        drafts.save(
            scene.actor, post_id=scene.post.pk, version=scene.post.version, fields={},
            variants={variant.pk: {"own_text": "Своё"}},
        )  # fmt: skip
    approval = Approval.objects.get()
    assert approval.voided_at is not None and approval.void_reason
    with pytest.raises(NotApproved):
        scene.schedule()
    again, _secret = scene.ask()
    assert again.round == 2
    assert Notice.objects.get(kind="approval_voided").user == scene.actor.user


def test_a_title_and_an_hour_are_no_part_of_the_decision(scene):
    _approval, secret = scene.ask()
    scene.say(secret)
    scene.save(title="Для нас", planned_at=timezone.now() + timedelta(days=1))
    assert Approval.objects.get().voided_at is None
    assert scene.schedule()


def test_a_letter_typed_and_taken_out_costs_no_round(scene):
    _approval, secret = scene.ask()
    scene.say(secret)
    scene.save(text=TEXT + "у")
    assert Approval.objects.get().voided_at is not None
    scene.save(text=TEXT)
    assert Approval.objects.get().voided_at is None
    assert scene.schedule()
    verbs = list(AuditEvent.objects.filter(verb__startswith="approval.").values_list("verb", flat=True))
    assert {"approval.voided", "approval.stands_again"} <= set(verbs)


def test_a_change_past_the_services_is_stopped_at_the_gate_and_found_by_the_job(scene):
    _approval, secret = scene.ask()
    scene.say(secret)
    Post.objects.filter(pk=scene.post.pk).update(text="Другое", updated_at=timezone.now())
    with pytest.raises(NotApproved):
        scene.schedule()
    assert remind.remind_all() == 1
    assert Approval.objects.get().voided_at is not None


def test_what_is_scheduled_goes_out_as_it_was_approved_but_not_after_a_return(scene):
    _approval, secret = scene.ask()
    scene.say(secret)
    delivery = scene.schedule()[0]
    scene.save(text=TEXT + " Ещё слово.")
    with pytest.raises(NotApproved):
        schedule.renew(scene.actor, delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.QUEUED and delivery.revision.content["text"] == TEXT
    _again, secret = scene.ask()
    scene.say(secret, "return", remarks=[Said("Не то")])
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED
    with pytest.raises(NotApproved):  # moving what was taken back is letting it out anew
        schedule.reschedule(scene.actor, delivery_id=delivery.pk, at=timezone.now() + timedelta(days=1))


def test_one_open_request_a_post(scene):
    scene.ask()
    with pytest.raises(Invalid):
        scene.ask()
    scene.save(text=TEXT + " Новое.")
    again, _secret = scene.ask()  # other words: the first request ends
    assert again.round == 1
    assert sorted(Approval.objects.values_list("decision", flat=True)) == ["open", "withdrawn"]


def test_a_small_edit_is_bound_to_the_words_that_the_client_wrote(scene):
    approval, secret = scene.ask()
    words = TEXT.replace("два часа", "пару часов")
    decided = scene.say(secret, "edit", edits={"common": words})
    assert decided.decision == Decision.EDITED
    scene.post.refresh_from_db()
    assert scene.post.text == words
    rows = list(approval.revisions.all())
    assert {row.content["text"] for row in rows} == {words}
    assert {row.asked["text"] for row in rows} == {TEXT}
    assert len(scene.schedule()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (TEXT.replace("150", "170"), "Figures"),
        (TEXT + " https://evil.example/", "Links"),
        ("Совсем другой пост о чём угодно, только не о них: 150 8 900 000", "tenth"),
        ("", "empty"),
    ],
)
def test_what_is_not_small_is_refused_and_nothing_is_decided(scene, words, said):
    _approval, secret = scene.ask()
    with translation.override("en"), pytest.raises(Invalid) as refused:
        scene.say(secret, "edit", edits={"common": words})
    assert said in str(refused.value.errors)
    assert Approval.objects.get().decision == Decision.OPEN
    scene.post.refresh_from_db()
    assert scene.post.text == TEXT


def test_an_edit_that_changes_nothing_is_a_plain_yes(scene):
    _approval, secret = scene.ask()
    assert scene.say(secret, "edit", edits={"common": TEXT}).decision == Decision.APPROVED


def test_a_return_needs_words_and_sends_the_card_back(scene):
    piece = scene.post.piece
    editing = next(one for one in stages_of(scene.client) if one.kind == StageKind.PROOF)
    moves.put(scene.actor, piece, editing, how=How.FORWARD)
    _approval, secret = scene.ask()
    assert scene.piece_at() == StageKind.APPROVAL
    with pytest.raises(Invalid):
        scene.say(secret, "return")
    quote = "два часа"
    place = {
        "kind": "text",
        "start": TEXT.index(quote),
        "end": TEXT.index(quote) + len(quote),
        "quote": quote,
    }
    scene.say(secret, "return", remarks=[Said("Три часа", place), Said("<b>И короче</b>")])
    assert scene.piece_at() == StageKind.DRAFT
    stay = scene.post.piece.stays.filter(how=How.BACK).get()
    assert stay.reason == "client" and "Три часа" in stay.note
    rows = Remark.objects.order_by("pk")
    assert [row.inside for row in rows] == [False, False]
    assert rows[0].place["quote"] == quote
    assert rows[0].author is None and rows[0].author_name == "Кузьма Ильич"


def test_a_yes_sends_the_card_on(scene):
    scene.ask()
    assert scene.piece_at() == StageKind.APPROVAL
    _approval, secret = approving.renew_link(scene.actor, approval_id=Approval.objects.get().pk)
    scene.say(secret)
    assert scene.piece_at() == StageKind.SCHEDULED


def test_a_link_used_twice_and_two_devices_at_once(scene):
    _approval, secret = scene.ask()
    scene.say(secret)
    with pytest.raises(Conflict):
        scene.say(secret, "return", remarks=[Said("Нет")])
    assert Approval.objects.get().decision == Decision.APPROVED


def test_an_expired_a_replaced_and_a_guessed_link(scene):
    approval, secret = scene.ask()
    _same, newer = approving.renew_link(scene.actor, approval_id=approval.pk)
    for wrong in (secret, "guess", "", "x" * 5000, newer[:-1]):
        with pytest.raises(NotFound):
            deciding.by_secret(wrong)
    Approval.objects.update(expires_at=timezone.now())
    with pytest.raises(Gone) as gone:
        scene.say(newer)
    assert gone.value.why == "expired"


def test_a_binned_post_and_an_archived_client_wait_for_nobody(scene):
    _approval, secret = scene.ask()
    Post.objects.update(deleted_at=timezone.now())
    with pytest.raises(Gone):
        scene.say(secret)
    Post.objects.update(deleted_at=None)
    type(scene.client).objects.update(archived_at=timezone.now())
    with pytest.raises(Gone):
        scene.say(secret)


def test_a_decision_on_other_words_than_were_asked_is_none(scene):
    _approval, secret = scene.ask()
    scene.save(text="Совсем другое")
    with pytest.raises(Conflict):
        scene.say(secret)
    Approval.objects.update(voided_at=None)  # even if nobody had noticed
    with pytest.raises(Conflict):
        scene.say(secret)
    assert Approval.objects.get().decision == Decision.OPEN


def test_silence_waits_unless_the_contract_says_otherwise(scene):
    scene.ask()
    assert remind.remind_all(timezone.now() + timedelta(days=30)) >= 1
    assert Approval.objects.get().decision == Decision.OPEN


def test_silence_is_consent_only_by_the_quoted_clause_and_only_after_working_time():
    scene = Scene(silence="consent", clause="п. 4.2: молчание в течение двух рабочих дней означает согласие")
    approval, _secret = scene.ask()
    end = contract.working_term(scene.terms, approval.asked_at)
    remind.remind_all(end - timedelta(minutes=1))
    assert Approval.objects.get().decision == Decision.OPEN
    remind.remind_all(end + timedelta(minutes=1))
    decided = Approval.objects.get()
    assert decided.decision == Decision.SILENCE and decided.clause == scene.terms.clause
    assert scene.schedule()


@pytest.mark.parametrize("later", [{"clause": "п. 4.3: иначе"}, {"silence": "wait"}])
def test_terms_that_changed_meanwhile_turn_no_silence_into_consent(later):
    scene = Scene(silence="consent", clause="п. 4.2: молчание означает согласие")
    scene.ask()
    contract.set_terms(scene.actor, client_id=scene.client.pk, **later)
    remind.remind_all(timezone.now() + timedelta(days=30))
    assert Approval.objects.get().decision == Decision.OPEN


def test_terms_that_were_shortened_meanwhile_make_no_silence_sooner():
    scene = Scene(silence="consent", clause="п. 4.2: молчание означает согласие", days=5)
    approval, _secret = scene.ask(urgent=True)
    agreed = contract.working_term(scene.terms, approval.asked_at)
    contract.set_terms(scene.actor, client_id=scene.client.pk, days=1)
    remind.remind_all(agreed - timedelta(minutes=1))
    assert Approval.objects.get().decision == Decision.OPEN
    remind.remind_all(agreed + timedelta(minutes=1))
    assert Approval.objects.get().decision == Decision.SILENCE


def test_urgent_silence_waits_for_the_working_days_as_well():
    scene = Scene(silence="consent", clause="п. 4.2: молчание означает согласие")
    approval, _secret = scene.ask(urgent=True)
    assert approval.due_at == approval.asked_at + timedelta(hours=2)
    remind.remind_all(approval.due_at + timedelta(minutes=1))
    assert Approval.objects.get().decision == Decision.OPEN


def test_silence_without_a_clause_is_refused(scene):
    with pytest.raises(Invalid) as error:
        contract.set_terms(scene.actor, client_id=scene.client.pk, silence="consent")
    assert "clause" in error.value.errors


def test_reminders_leave_once_each(scene, settings, mailoutbox):
    settings.MAIL_WORKS, settings.BASE_URL = True, "https://desk.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    approval, secret = scene.ask()
    Approval.objects.update(asked_at=timezone.now() - timedelta(days=5))
    for hours, letters in ((25, 0), (23, 1), (22, 1), (3, 2), (2, 2), (-1, 2)):
        remind.remind_all(approval.due_at - timedelta(hours=hours))
        assert len(mailoutbox) == letters, hours
    assert secret in mailoutbox[0].body and mailoutbox[0].to == ["kuzma@example.org"]
    assert Notice.objects.filter(kind="approval_overdue", user=scene.actor.user).count() == 1


def test_a_desk_that_slept_reminds_once_not_thrice(scene, settings, mailoutbox):
    settings.MAIL_WORKS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    approval, _secret = scene.ask()
    Approval.objects.update(asked_at=timezone.now() - timedelta(days=5))
    remind.remind_all(approval.due_at - timedelta(hours=1))
    remind.remind_all(approval.due_at - timedelta(minutes=50))
    assert len(mailoutbox) == 1


def test_who_may_what(scene):
    author, editor, client = (scene.member(one) for one in (Role.AUTHOR, Role.EDITOR, Role.CLIENT))
    with pytest.raises(Forbidden):
        approve.ask(author, post_id=scene.post.pk)
    approval, _secret = approve.ask(editor, post_id=scene.post.pk)
    assert Notice.objects.get(kind="approval_waits").user == client.user
    for actor in (author, editor, scene.actor):  # the owner is not the client either
        with pytest.raises(Forbidden):
            approve.decide_by_account(actor, approval_id=approval.pk, answer=Answer("approve", "Я"))
    with pytest.raises(Forbidden):
        approve.write_down(
            editor, approval_id=approval.pk, verdict="approve", name="К", known_by="phone", quote="Пускайте"
        )
    decided = approve.decide_by_account(client, approval_id=approval.pk, answer=Answer("approve", ""))
    assert decided.decided_by == client.user and decided.known_by == ""


def test_said_by_phone_is_written_down_as_that(scene):
    approval, _secret = scene.ask()
    told = {"verdict": "approve", "name": "Кузьма Ильич", "known_by": "phone"}
    with pytest.raises(Invalid):
        approve.write_down(scene.actor, approval_id=approval.pk, quote=" ", **told)
    decided = approve.write_down(scene.actor, approval_id=approval.pk, quote="Пускайте, хорошо", **told)
    assert (decided.known_by, decided.decided_by) == ("phone", scene.actor.user)
    assert scene.schedule()


def test_without_approval_only_with_a_reason_and_only_by_who_manages(scene):
    with pytest.raises(Forbidden):
        approve.waive(scene.member(Role.EDITOR), post_id=scene.post.pk, reason="Очень надо, горим совсем")
    with pytest.raises(Invalid):
        approve.waive(scene.actor, post_id=scene.post.pk, reason="надо")
    row = approve.waive(scene.actor, post_id=scene.post.pk, reason="Заказчик в полёте, новость до обеда")
    assert row.decision == Decision.WAIVED
    assert scene.schedule()
    scene.save(text="Другое")
    with pytest.raises(NotApproved):
        scene.schedule()


def test_rounds_count_what_the_client_answered(scene):
    for number in (1, 2, 3):
        approval, secret = scene.ask()
        assert approval.round == number
        scene.say(secret, "return", remarks=[Said("Ещё")])
        scene.save(text=f"{TEXT} {number}")


def test_a_huge_remark_is_refused(scene):
    _approval, secret = scene.ask()
    with pytest.raises(Invalid):
        scene.say(secret, "return", remarks=[Said("а" * 1_000_000)])
    assert Approval.objects.get().decision == Decision.OPEN


def test_strangers_ask_nothing(scene):
    stranger = make_actor(make_workspace("Чужие"))
    approval, _secret = scene.ask()
    for act in (
        lambda: approve.ask(stranger, post_id=scene.post.pk),
        lambda: approving.renew_link(stranger, approval_id=approval.pk),
        lambda: approving.withdraw(stranger, approval_id=approval.pk),
        lambda: contract.set_terms(stranger, client_id=scene.client.pk, days=1),
    ):
        with pytest.raises(NotFound):
            act()
