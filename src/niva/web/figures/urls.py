"""Numbers that people bring: typed in for a community or a post, or imported from a table."""

from django.urls import path

from niva.web.figures import views

urlpatterns = [
    path("communities/<int:pk>/", views.community, name="figures"),
    path("communities/<int:pk>/preview/", views.preview, name="figures_preview"),
    path("communities/<int:pk>/import/", views.take_in, name="figures_import"),
    path("communities/<int:pk>/template.csv", views.template, name="figures_template"),
    path("posts/<int:publication_id>/", views.post, name="figures_post"),
]
