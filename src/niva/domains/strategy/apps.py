from django.apps import AppConfig


class StrategyConfig(AppConfig):
    name = "niva.domains.strategy"
    label = "strategy"
