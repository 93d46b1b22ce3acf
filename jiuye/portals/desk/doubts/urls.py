"""Addresses below /desk/doubts/."""

from django.urls import path

from jiuye.portals.desk.doubts import views

urlpatterns = [
    path("", views.listing, name="doubts"),
    path("<int:doubt_id>/", views.settle, name="doubt"),
]
