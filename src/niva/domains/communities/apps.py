from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "niva.domains.communities"
    label = "communities"
