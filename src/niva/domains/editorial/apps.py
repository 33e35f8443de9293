from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class EditorialConfig(AppConfig):
    name = "niva.domains.editorial"
    label = "editorial"

    def ready(self) -> None:
        """Every new post gets its piece in the same transaction, whatever door it came by.

        Publishing knows nothing of the office, so it is heard, not called. Posts that are made in bulk are
        adopted by the periodic job.
        """
        from niva.domains.publishing.models import Post

        post_save.connect(_adopt, sender=Post, dispatch_uid="editorial.adopt")


def _adopt(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if created and not raw:
        from niva.domains.editorial.services.pieces import adopt

        adopt(instance)
