"""What the networks' own codes mean: out of `words.toml` in the folder of each."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import get_language

from niva.networks.registry import all_words
from niva.words.base import Words


def of_networks() -> dict[str, Words]:
    """The words of all networks by code; a code that two of them bring means the same at both."""
    return {
        code: Words(_both(said.what, said.what_ru), _both(said.todo, said.todo_ru), said.amount)
        for words in all_words().values()
        for code, said in words.items()
    }


def _both(english: str, russian: str) -> Any:
    """A string that is read in the language of the moment."""
    return lazystr(_Both(english, russian)) if english else ""


class _Both:
    def __init__(self, english: str, russian: str) -> None:
        self._english, self._russian = english, russian

    def __str__(self) -> str:
        return self._russian if (get_language() or "ru").startswith("ru") else self._english
