"""Addresses of repeats; where they begin is among those of posts."""

from django.urls import path

from niva.web.repeats import views

urlpatterns = [
    path("<int:series_id>/", views.series, name="repeats"),
    path("<int:series_id>/renew/", views.renew, name="repeats_renew"),
    path("<int:series_id>/end/", views.end, name="repeats_end"),
    path("<int:series_id>/from/<str:day>/", views.change, name="repeats_change"),
    path("<int:series_id>/<str:day>/<str:doing>/", views.act, name="repeats_act"),
]
