from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "niva.domains.notices"
    label = "notices"
