"""Numbers, percents, ranges and money as people of the language write them.

Missing is never zero: None becomes an em dash.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from niva.kit.text.typography import MINUS, NBSP, THIN

MISSING = "—"
Figure = int | float | Decimal
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "KZT": "₸", "BYN": "Br"}


def _rounded(value: Figure, digits: int | None) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if digits is None:
        # As precise as it was given, but not more than two digits: more is false precision on a screen.
        exponent = exact.normalize().as_tuple().exponent
        digits = min(2, max(0, -exponent if isinstance(exponent, int) else 0))
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def number(value: Figure | None, language: str = "ru", digits: int | None = None) -> str:
    """1 240,5 in Russian, 1,240.5 in English. `digits` after the point; by default as given, at most two."""
    if value is None:
        return MISSING
    rounded = _rounded(value, digits)
    text = f"{abs(rounded):,f}"
    if language.startswith("ru"):
        text = text.replace(",", THIN).replace(".", ",")
    return (MINUS if rounded < 0 else "") + text


def percent(share: Figure | None, language: str = "ru", digits: int = 0) -> str:
    """A share from 0 to 1 as percents; a no-break space before the sign in Russian."""
    if share is None:
        return MISSING
    text = number(Decimal(str(share)) * 100, language, digits)
    return f"{text}{NBSP}%" if language.startswith("ru") else f"{text}%"


def span(low: Figure, high: Figure, language: str = "ru") -> str:
    """A range: 29–38; one number when both ends are the same on the screen."""
    first, last = number(low, language), number(high, language)
    return first if first == last else f"{first}–{last}"


def money(amount: Figure | None, currency: str = "RUB", language: str = "ru") -> str:
    """38 600 ₽ in Russian, ₽38,600 in English. Hundredths are shown only where there are any.

    `amount` is in whole units of `currency` (an ISO 4217 code); a currency without a sign shows its code.
    """
    if amount is None:
        return MISSING
    exact = _rounded(amount, 2)
    text = number(exact, language, 0 if exact == exact.to_integral_value() else 2)
    sign = _SIGNS.get(currency)
    if sign is None:
        return f"{text}{NBSP}{currency}"
    if language.startswith("ru"):
        return f"{text}{THIN}{sign}"
    return f"{MINUS}{sign}{text[1:]}" if text.startswith(MINUS) else f"{sign}{text}"
