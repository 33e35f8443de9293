from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "niva.domains.sources"
    label = "sources"
