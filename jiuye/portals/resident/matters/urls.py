"""Addresses below /my/services/."""

from django.urls import path

from jiuye.portals.resident.matters import events, views

urlpatterns = [
    path("", views.services, name="services"),
    path("events/<slug:event_id>/", events.event, name="life_event"),
    path("events/<slug:event_id>/fields/", events.fields, name="life_event_fields"),
    path("events/<slug:event_id>/done/", events.done, name="life_event_done"),
    path("<slug:item_id>/start/", views.start, name="start_matter"),
    path("matters/<int:matter_id>/", views.matter, name="matter"),
    path("matters/<int:matter_id>/save/", views.save, name="save_matter"),
    path("matters/<int:matter_id>/submit/", views.submit, name="submit_matter"),
    path("matters/<int:matter_id>/attach/", views.attach, name="attach"),
    path("matters/<int:matter_id>/withdraw/", views.withdraw, name="withdraw_matter"),
    path("matters/<int:matter_id>/review/", views.ask_review, name="matter_ask_review"),
    path("matters/<int:matter_id>/rate/", views.rate, name="rate_matter"),
    path("papers/<int:evidence_id>/", views.paper, name="paper"),
]
