from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "niva.domains.publishing"
    label = "publishing"
