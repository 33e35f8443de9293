"""A sum split between several so that the parts make the whole to the cent. Pure.

The largest remainder (A. Hamilton, 1792): every part is cut down to the cent, and the cents that are left go
to those whose cut was the largest; among equals to the lower number. A sum below zero is split as its
opposite.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

CENT = Decimal("0.01")


def split(amount: Decimal, weights: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Parts of `amount` by weights (at least one above zero, none below). Raises ValueError otherwise."""
    total = sum(Fraction(weight) for weight in weights.values())
    if total <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("weights")
    cents = int((abs(amount) / CENT).to_integral_value())
    exact = {one: cents * Fraction(weight) / total for one, weight in weights.items()}
    parts = {one: int(part) for one, part in exact.items()}
    left = cents - sum(parts.values())
    for one in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:left]:
        parts[one] += 1
    sign = -1 if amount < 0 else 1
    return {one: sign * part * CENT for one, part in parts.items()}
