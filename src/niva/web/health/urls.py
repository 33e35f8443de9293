"""Addresses of the desk's own health."""

from __future__ import annotations

from django.urls import path

from niva.web.health import metrics, page, probe

urlpatterns = [
    path("healthz", probe.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("health/", page.health, name="health"),
    path("health/now/", page.now, name="health_now"),
    path("health/jobs/<int:job>/again/", page.again, name="job_again"),
    path("health/jobs/<int:job>/discard/", page.discard, name="job_discard"),
]
