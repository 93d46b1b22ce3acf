"""Addresses below /desk/objections/."""

from django.urls import path

from jiuye.portals.desk.objections import views

urlpatterns = [
    path("", views.listing, name="objections_to_answer"),
    path("<slug:kind>/<int:objection_id>/look/", views.look, name="objection_contact"),
    path("<slug:kind>/<int:objection_id>/answered/", views.answered, name="objection_answered"),
]
