"""The forms of a goal's unit: «1 заявка, 2 заявки, 18 заявок», «1 application, 18 applications». Pure.

The words are the person's own, so their grammar follows the words, not the language of the interface: three
forms are declined as in Russian, two as in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Figure = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """`few` empty = the word has two forms only. `many` empty = it does not change."""

    one: str
    few: str = ""
    many: str = ""

    def after(self, count: Figure) -> str:
        """The form beside a number: CLDR's one, few, many; a fraction takes the second form."""
        if not self.few:
            return self.one if count == 1 else self.many or self.one
        if count % 1:
            return self.few
        return (self.one, self.few, self.many or self.few)[_slavic(count)]

    def of(self, count: Figure) -> str:
        """The genitive after «до 38», «из 40», «до 21»: for three-form words only the last digit matters."""
        if not self.few:
            return self.after(count)
        return self.few if count % 1 or _slavic(count) == 0 else self.many or self.few

    @property
    def plural(self) -> str:
        """The word for an unknown number of them: «нет заявок»."""
        return self.many or self.few or self.one


def _slavic(figure: Figure) -> int:
    """0, 1, 2 for one, few, many by the last two digits of a whole number (CLDR, Russian)."""
    count = abs(int(figure))
    if count % 10 == 1 and count % 100 != 11:
        return 0
    if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14:
        return 1
    return 2
