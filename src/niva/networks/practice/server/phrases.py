"""The words on the practice network's own pages. They are the network's, not the desk's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PHRASES: Final[dict[str, dict[str, str]]] = {
    "ru": {
        "network": "Учебная соцсеть", "communities": "Сообщества", "none": "Сообществ пока нет.",
        "note": "Эта соцсеть живёт внутри «Нивы»: посты настоящие, люди и цифры придуманы.",
        "followers": "Подписчики", "posts": "Посты", "views": "Просмотры", "likes": "Нравится",
        "comments": "Комментарии", "reposts": "Репосты", "votes": "Голоса", "edited": "изменено",
        "empty": "Здесь пока нет постов.", "older": "Раньше", "removed": "Пост удалён",
        "removed_note": "Его убрали из сообщества, и здесь его больше нет.",
        "missing": "Такой страницы нет", "missing_note": "Проверьте адрес или вернитесь к списку сообществ.",
        "create": "Создать сообщество", "name": "Название", "flavour": "Как соцсеть отвечает на повтор",
        "keyed": "Узнаёт повтор по ключу", "searchable": "Посты можно найти", "neither": "Ни того ни другого",
        "made": "Сообщество создано", "key": "Ключ доступа", "address": "Адрес соцсети",
        "made_note": "Скопируйте ключ сейчас: он больше не будет показан.", "open": "Открыть сообщество",
        "full": "Сообществ уже слишком много", "full_note": "Новые больше не создаются.",
        "name_wanted": "Введите название до 80 знаков.", "goes_on": "К предыдущему посту",
        "pinned": "Закреплено", "story": "История", "reel": "Короткое видео", "ended": "История закончилась",
        "ended_note": "Истории видны одни сутки соцсети, потом остаются только у сообщества.",
        "verified": "Подтверждено", "registered": "В реестре", "closed": "Закрытое",
        "category": "Тематика", "site": "Сайт", "links": "Ссылка", "contacts": "Контакт",
        "hours": "Часы работы", "place": "Адрес", "site_note": "Сайт сообщества, придуманный для тренировки.",
    },
    "en": {
        "network": "Practice network", "communities": "Communities", "none": "No communities yet.",
        "note": "This network lives inside Niva: posts are real, people and figures are invented.",
        "followers": "Followers", "posts": "Posts", "views": "Views", "likes": "Likes",
        "comments": "Comments", "reposts": "Reposts", "votes": "Votes", "edited": "edited",
        "empty": "No posts here yet.", "older": "Earlier", "removed": "The post was removed",
        "removed_note": "It was taken down and is no longer here.",
        "missing": "No such page", "missing_note": "Check the address or go back to the communities.",
        "create": "Create a community", "name": "Name", "flavour": "How the network treats a repeated call",
        "keyed": "Knows it by its key", "searchable": "Posts can be searched", "neither": "Neither",
        "made": "The community is there", "key": "Access key", "address": "Network address",
        "made_note": "Copy the key now: it will not be shown again.", "open": "Open the community",
        "full": "There are too many communities", "full_note": "No new ones are made.",
        "name_wanted": "Enter a name of up to 80 characters.", "goes_on": "To the post before",
        "pinned": "Pinned", "story": "Story", "reel": "Short video", "ended": "The story is over",
        "ended_note": "Stories are seen for one day of the network, then only the community keeps them.",
        "verified": "Verified", "registered": "Registered", "closed": "Closed",
        "category": "Category", "site": "Website", "links": "Link", "contacts": "Contact",
        "hours": "Hours", "place": "Address", "site_note": "The community's website, made up for practice.",
    },
}  # fmt: skip
MONTHS: Final = {
    "ru": ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def language_of(headers: Mapping[str, str]) -> str:
    """ "ru" or "en": whichever the reader's browser names first by weight; English for everybody else."""
    best, weight = "en", 0.0
    for part in headers.get("Accept-Language", "")[:200].split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            value = float(quality or 1)
        except ValueError:
            continue
        if (short := name[:2].lower()) in PHRASES and value > weight:
            best, weight = short, value
    return best
