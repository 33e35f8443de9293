from django.apps import AppConfig


class ConditionConfig(AppConfig):
    name = "niva.domains.condition"
    label = "condition"
