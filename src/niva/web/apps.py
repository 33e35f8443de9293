from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "niva.web"
    label = "web"

    def ready(self) -> None:
        from niva.flows import approve
        from niva.web import rail
        from niva.web.today import digest

        approve.listen()
        rail.offer()
        digest.offer()
