"""Addresses below /desk/found/."""

from django.urls import path

from jiuye.portals.desk.found import views

urlpatterns = [
    path("", views.overview, name="found"),
    path("automatic/", views.confirm_automatic, name="found_automatic"),
    path("<int:entitlement_id>/", views.detail, name="found_one"),
    path("<int:entitlement_id>/confirm/", views.confirm, name="found_confirm"),
]
