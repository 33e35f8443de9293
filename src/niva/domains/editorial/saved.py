"""What a person keeps of the table: filters, columns, the edit of many at once; and a client's free share."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace


class SavedFilter(models.Model):
    """A filter of the table under a name. `query`: the address's parameters; `shared`: the team sees it.

    It shows what whoever opens it may see: a shared one opens no door.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(_("for the whole team"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="saved_filter_named"),
            models.UniqueConstraint("owner", "workspace", Lower("name"), name="saved_filter_once"),
        ]
        indexes = [models.Index(fields=["workspace", "shared"], name="saved_filter_team")]

    def __str__(self) -> str:
        return self.name


class TableColumns(models.Model):
    """Which columns a person wants to see, in the order of the table."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    columns = models.JSONField(default=list, help_text="names of table.COLUMNS")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="table_columns_once")]

    def __str__(self) -> str:
        return ", ".join(self.columns)


class BulkEdit(models.Model):
    """One change of many pieces, from its preview to its end; see `services/bulk.py`.

    `seen`: piece -> what stood there when the person saw the preview, of those that wait for it; `before`:
    piece -> [what stood there, what stands there since], of those that were changed; `refused`: [piece,
    sentence].
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    action = models.CharField(max_length=12)
    value = models.JSONField(default=dict)
    back = models.CharField(max_length=1000, blank=True, help_text="the table's query that it began in")
    order = models.JSONField(default=list, help_text="ids that are still to be worked on")
    seen = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    refused = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="bulk_edit_last")]

    def __str__(self) -> str:
        return f"{self.action}: {self.total}"


class FreeShare(models.Model):
    """How much of a month's places a client keeps for what comes up, in percent.

    Without a row: FREE_SHARE, the upper end of the 15-20 % that plans of a month are advised to keep free.
    """

    client = models.OneToOneField(Client, models.CASCADE, related_name="free_share")
    percent = models.PositiveSmallIntegerField(default=20)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=90), name="free_share_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.percent} %"


FREE_SHARE = 20  # percent
