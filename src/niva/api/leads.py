"""Leads by the API: one comes in, with the sender's own id once; the list for those who work there."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from niva.api.common import After, Id, Limit, Moment, Page, actor_of, page_of
from niva.domains.clients import access
from niva.domains.leads.models import Lead, Source
from niva.domains.leads.sealing import Person, opened
from niva.domains.leads.services.taking import Came, Consent
from niva.domains.leads.utm import normal
from niva.flows import lead_came

router = Router()


class LeadIn(Schema):
    """A contact, a name or a text: one of them is needed."""

    client_id: Id
    contact: str = Field("", max_length=300)
    name: str = Field("", max_length=200)
    text: str = Field("", max_length=4000)
    came_at: Moment | None = Field(None, description="When he came; without it, now.")
    status: Literal["new", "contacted", "qualified", "sold", "refused"] = "new"
    reason: str = Field(
        "", description="With “refused”: no_answer, price, elsewhere, not_fit, later, other, spam, test."
    )
    amount: Decimal | None = None
    margin: Decimal | None = None
    goal_id: int | None = None
    publication_id: int | None = Field(None, description="The post that brought him, where you know it.")
    link: str = Field("", max_length=500, description="Or the link of that post.")
    utm_source: str = Field("", max_length=400)
    utm_medium: str = Field("", max_length=400)
    utm_campaign: str = Field("", max_length=400)
    utm_content: str = Field("", max_length=400, description="post_12 or post_12_5 traces him to the post.")
    utm_term: str = Field("", max_length=400)
    how_heard: str = Field("", max_length=240)
    consent: bool | None = Field(None, description="null: nobody wrote it down.")
    consent_words: str = Field("", max_length=600)
    consent_url: str = Field("", max_length=300)
    key: str = Field("", max_length=80, description="Your own id of the lead: sent twice, he is kept once.")


class LeadOut(Schema):
    """`counts` false: a repeat (then `double_of`), spam or a test. `paid` null: not known."""

    id: int
    client_id: int
    contact: str
    name: str
    text: str
    more: dict[str, str]
    came_at: Moment
    source: str
    status: str
    reason: str
    counts: bool
    double_of: int | None
    goal_id: int | None
    community_id: int | None
    publication_id: int | None
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_content: str
    utm_term: str
    utm_unknown: list[str]
    how_heard: str
    paid: bool | None
    amount: Decimal | None
    margin: Decimal | None
    currency: str
    consent: bool | None
    first_answered_at: Moment | None
    client_says: str
    erased: bool
    key: str


def _lead(row: Lead) -> LeadOut:
    person = opened(row)
    own = {
        "contact", "name", "text", "more", "double_of", "consent", "erased",
    }  # fmt: skip
    fields: dict[str, Any] = {name: getattr(row, name) for name in LeadOut.model_fields if name not in own}
    return LeadOut(
        contact=person.contact, name=person.name, text=person.text, more=dict(person.more),
        double_of=row.double_of_id, consent=row.consent_given, erased=row.erased_at is not None, **fields,
    )  # fmt: skip


@router.get("", response=Page[LeadOut], summary="Leads of the clients you work for")
def list_leads(
    request: HttpRequest,
    after: After,
    limit: Limit,
    client_id: Annotated[int | None, Query(None, ge=1, le=2**62, description="Of one client only.")],
    status: Annotated[str, Query("", max_length=10)],
    counts: Annotated[bool | None, Query(None, description="Only counted ones, or only the others.")],
) -> Page[LeadOut]:
    rows = access.visible(actor_of(request), Lead.objects.all(), can="work")
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if status:
        rows = rows.filter(status=status)
    if counts is not None:
        rows = rows.filter(counts=counts)
    return page_of(rows, after, limit, _lead)


@router.post("", response={200: LeadOut, 201: LeadOut}, summary="Somebody came")
def add_lead(request: HttpRequest, payload: LeadIn) -> Status[LeadOut]:
    """201: taken in. 200: this key was taken in before; what is there is answered, nothing has changed."""
    data = payload.dict()
    came = Came(
        source=Source.API,
        person=Person(contact=data["contact"], name=data["name"], text=data["text"]),
        came_at=data["came_at"],
        marks=normal({name: value for name, value in data.items() if name.startswith("utm_")}),
        how_heard=data["how_heard"],
        key=f"api:{data['key']}" if data["key"] else "",
        consent=Consent(data["consent"], data["consent_words"], data["consent_url"]),
        status=data["status"],
        reason=data["reason"] if data["status"] == "refused" else "",
        amount=data["amount"],
        margin=data["margin"],
        goal_id=data["goal_id"],
        publication_id=data["publication_id"],
        link=data["link"],
    )
    taken = lead_came.came(actor_of(request), client_id=data["client_id"], came=came)
    return Status(201 if taken.fresh else 200, _lead(taken.lead))
