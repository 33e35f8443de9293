"""A community that is technically in order, for tests: change one thing and one thing is broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from niva.domains.condition.seen import Link, Seen, Shown
from niva.networks.base.profile import FIELDS, Picture, Pinned, Profile

SITE = "https://ferma.example/?utm_source=practice&utm_medium=bio"


def make_profile(**changes: Any) -> Profile:
    now = timezone.now()
    return replace(
        Profile(
            name="Ферма Нижнее, молоко в Казани", handle="ferma", status="Приём заказов до пятницы",
            about="Молоко и сыр с фермы под Казанью. Заказ: +7 900 123-45-67", site=SITE, links=(),
            contacts=("Ольга, +7 900 123-45-67",), address="Казань, Полевая, 1", hours="9–18",
            category="Продукты", avatar=Picture("https://pictures.example/a.png", 400, 400),
            cover=Picture("https://pictures.example/c.png", 1920, 768),
            pinned=Pinned("1", text="Кто мы и как заказать", at=now - timedelta(days=20)), has_pinned=True,
            button="Написать", menu=("Цены", "Отзывы"), age_mark="0+", messages_on=True,
            greeting="Здравствуйте. Ответим до 18:00.", comments_on=True, admins=2, verified=True,
            registered=False, closed=False, followers=1200, last_post_at=now - timedelta(days=1),
        ),
        **changes,
    )  # fmt: skip


def make_seen(profile: Profile | None = None, **changes: Any) -> Seen:
    return replace(
        Seen(
            profile=profile or make_profile(),
            reads=FIELDS,
            avatar=Shown(width=400, height=400, legible=0.9, contrast=9.0, corners=0.05),
            cover=Shown(width=1920, height=768, legible=0.7, contrast=5.0, corners=0.1),
            links=(Link(SITE, "alive", status=200),),
        ),
        **changes,
    )
