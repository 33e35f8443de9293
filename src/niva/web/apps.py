from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "niva.web"
    label = "web"
