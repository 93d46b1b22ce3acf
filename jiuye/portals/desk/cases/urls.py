"""Addresses below /desk/cases/."""

from django.urls import path

from jiuye.portals.desk.cases import views

urlpatterns = [
    path("", views.listing, name="cases"),
    path("<int:case_id>/", views.detail, name="case"),
    path("<int:case_id>/acts/<slug:act>/", views.take_act, name="case_act"),
    path("<int:case_id>/objections/", views.add_objection, name="case_objection"),
    path("objections/<int:objection_id>/", views.resolve_objection, name="objection"),
]
