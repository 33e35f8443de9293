"""Words of pay that code decides by. No database here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Period(models.TextChoices):
    """What the norm is agreed for. Days and weeks are settled by the month, see `rules.norm_of`."""

    MONTH = "month", _("for a month")
    QUARTER = "quarter", _("for a quarter")
    WEEK = "week", _("for a week")
    DAY = "day", _("for a working day")


class Gate(models.TextChoices):
    """When a piece counts: once, at the first time it passes."""

    ACCEPTED = "accepted", _("accepted by the editor")
    PUBLISHED = "published", _("out for the first time")


class Model(models.TextChoices):
    """How the agreement pays."""

    PIECE = "piece", _("by the piece")
    FIX_BONUS = "fix_bonus", _("fixed pay and a bonus for the norm")
    FIX = "fix", _("fixed pay only")
    MIXED = "mixed", _("fixed pay and a bonus of four parts")


class Part(models.TextChoices):
    """The parts of the mixed bonus; their formulas are in `rules.scores`."""

    VOLUME = "volume", _("volume")
    ON_TIME = "on_time", _("on time")
    FIRST_PASS = "first_pass", _("accepted at the first pass")
    NO_ERRORS = "no_errors", _("no errors after publication")


class Kind(models.TextChoices):
    """What a line of a sheet pays."""

    PIECE = "piece", _("by the piece")
    FIX = "fix", _("fixed pay")
    BONUS = "bonus", _("bonus")
    PART = "part", _("part of the bonus")
    CORRECTION = "correction", _("correction")
