"""What simulated people say and are called, in the two languages of the practice network."""

from __future__ import annotations

from typing import Final

from niva.networks.practice.server.life import unit

NAMES: Final = {
    "ru": (
        "Анна Соколова", "Пётр Лебедев", "Марина Ким", "Олег Гусев", "Дарья Мельник", "Тимур Алиев",
        "Светлана Орлова", "Игорь Зайцев", "Наталья Белова", "Руслан Хасанов", "Вера Попова", "Глеб Сорокин",
    ),
    "en": (
        "Anna Falcon", "Peter Swan", "Marina Kim", "Oliver Goss", "Daria Mills", "Timur Ali",
        "Clara Eagle", "Igor Hare", "Natalie White", "Ruslan Hassan", "Vera Pope", "Glenn Magpie",
    ),
}  # fmt: skip
REMARKS: Final = {
    "ru": (
        "Спасибо, очень вовремя.", "А подробнее можно?", "Были у вас на прошлой неделе, понравилось.",
        "Сколько это стоит?", "Поделюсь с коллегами.", "Жду продолжения.", "Наконец-то понятно объяснили.",
        "А для детей есть что-нибудь?", "Не согласен, но интересно.", "Красивый снимок.",
        "Где можно записаться?", "Работаете в выходные?",
    ),
    "en": (
        "Thank you, just in time.", "Could you tell us more?", "We visited last week and liked it.",
        "How much does it cost?", "I will share it with colleagues.", "Looking forward to more.",
        "At last somebody explained it.", "Is there anything for children?", "I disagree, but interesting.",
        "A lovely picture.", "Where can I sign up?", "Are you open at weekends?",
    ),
}  # fmt: skip
LETTERS: Final = {
    "ru": (
        "Здравствуйте! Увидели вашу запись. Можно узнать цену и сроки?",
        "Добрый день. Хотим записаться на следующую неделю, есть места?",
        "Подскажите, пожалуйста, как с вами связаться по телефону.",
        "Добрый вечер, нужна консультация. Когда вам удобно?",
    ),
    "en": (
        "Hello! We saw your post. What are the price and the terms?",
        "Good day. We would like to book for next week, is there room?",
        "Could you tell me how to reach you by phone, please?",
        "Good evening, I need advice. When would it suit you?",
    ),
}


def pick(choices: tuple[str, ...], *words: object) -> str:
    """One of the choices, always the same for the same words."""
    return choices[int(unit(*words) * len(choices))]
