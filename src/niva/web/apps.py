from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "niva.web"
    label = "web"

    def ready(self) -> None:
        from niva.web import rail
        from niva.web.today import digest

        rail.offer()
        digest.offer()
