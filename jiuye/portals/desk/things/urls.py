"""Addresses below /desk/things/."""

from django.urls import path

from jiuye.portals.desk.things import views

urlpatterns = [
    path("", views.find, name="things"),
    path("<int:thing_id>/", views.detail, name="thing"),
    path("<int:thing_id>/reveal/", views.reveal, name="thing_reveal"),
]
