from django.apps import AppConfig


class AdviceConfig(AppConfig):
    name = "niva.domains.advice"
    label = "advice"
