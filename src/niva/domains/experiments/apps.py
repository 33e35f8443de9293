from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "niva.domains.experiments"
    label = "experiments"
