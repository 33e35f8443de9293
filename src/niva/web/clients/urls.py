"""Addresses of clients, their goals and rows."""

from django.urls import path

from niva.web.clients import goals, listing, page, rows, rubrics, stopping, terms
from niva.web.condition.views import compare
from niva.web.workshop.urls import urlpatterns as workshop

urlpatterns = [
    path("", listing.clients, name="clients"),
    path("new/", listing.create, name="client_new"),
    path("stop/", stopping.stop_which, name="stop_which"),
    path("<int:pk>/", page.client, name="client"),
    path("<int:pk>/stop/", stopping.stop, name="client_stop"),
    path("<int:pk>/go-on/", stopping.go_on, name="client_go_on"),
    path("<int:pk>/held/", stopping.held, name="client_held"),
    path("<int:pk>/communities/", page.client_communities, name="client_communities"),
    path("<int:pk>/condition/", compare, name="client_condition"),
    path("<int:pk>/terms/", terms.terms, name="client_terms"),
    path("<int:pk>/people/", page.people, name="client_people"),
    path("<int:pk>/people/<int:member>/take/", page.take_role, name="client_role_take"),
    path("<int:pk>/edit/", listing.edit, name="client_edit"),
    path("<int:pk>/archive/", listing.archive, name="client_archive"),
    path("<int:pk>/restore/", listing.restore, name="client_restore"),
    path("<int:pk>/not-measured/", page.agree_silence, name="silence_agree"),
    path("<int:pk>/not-measured/end/", page.end_silence, name="silence_end"),
    path("<int:pk>/goals/new/", goals.new, name="goal_new"),
    path("<int:pk>/goals/<int:goal>/edit/", goals.edit, name="goal_edit"),
    path("<int:pk>/goals/<int:goal>/close/", goals.close, name="goal_close"),
    path("<int:pk>/goals/<int:goal>/rows/", rows.goal_rows, name="goal_rows"),
    path("<int:pk>/goals/<int:goal>/rows/add/", rows.add_fact, name="fact_add"),
    path("<int:pk>/rubrics/", rubrics.rubrics, name="client_rubrics"),
    path("<int:pk>/rubrics/<int:rubric>/", rubrics.edit, name="rubric_edit"),
    path("<int:pk>/rubrics/<int:rubric>/archive/", rubrics.archive, name="rubric_archive"),
    path("<int:pk>/rubrics/<int:rubric>/restore/", rubrics.restore, name="rubric_restore"),
    path("<int:pk>/rubrics/<int:rubric>/earlier/", rubrics.earlier, name="rubric_earlier"),
    path("<int:pk>/rows/", rows.rows, name="client_rows"),
    path("<int:pk>/rows/<int:fact>/correct/", rows.correct_fact, name="fact_correct"),
    path("<int:pk>/costs/add/", rows.add_cost, name="cost_add"),
    path("<int:pk>/costs/<int:cost>/", rows.edit_cost, name="cost_edit"),
    path("<int:pk>/costs/<int:cost>/delete/", rows.delete_cost, name="cost_delete"),
    *workshop,
]
