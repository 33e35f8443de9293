"""Address of the dictionary of measures."""

from django.urls import path

from niva.web.dictionary import views

urlpatterns = [path("numbers/words/", views.dictionary, name="measures")]
