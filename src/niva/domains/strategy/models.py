"""Rubric: what a post is about, the same word for posts, slots and shares of the plan. The other rows of a
strategy are in `grounds`, the strategy as a whole in `guided`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import niva.domains.strategy.events
import niva.domains.strategy.grounds
import niva.domains.strategy.guided  # noqa: F401  Django finds its models through here
from niva.domains.clients.models import Client
from niva.domains.people.models import Workspace

LONGEST_NAME = 60  # characters: it stands in chips of the plan


class RubricMark(models.TextChoices):
    """The dot beside the name, in the colours that the desk has by day and by night."""

    GREEN = "green", _("green")
    BLUE = "blue", _("blue")
    TEAL = "teal", _("teal")
    OCHRE = "ochre", _("ochre")
    VIOLET = "violet", _("violet")
    ORANGE = "orange", _("orange")
    RED = "red", _("red")
    GREY = "grey", _("grey")


class Rubric(models.Model):
    """A content pillar of one client. `share`: percent of the posts it should have, None = not agreed."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="rubrics")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    mark = models.CharField(_("mark"), max_length=8, choices=RubricMark.choices, default=RubricMark.GREEN)
    position = models.PositiveSmallIntegerField(default=0)
    share = models.PositiveSmallIntegerField(_("share, %"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="rubric_named"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=1, share__lte=100), name="rubric_share"
            ),
            models.UniqueConstraint(
                "client", Lower("name"), condition=Q(archived_at__isnull=True), name="rubric_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
