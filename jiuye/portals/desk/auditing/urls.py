"""Addresses below /desk/audit/."""

from django.urls import path

from jiuye.portals.desk.auditing import views

urlpatterns = [
    path("", views.listing, name="audit"),
    path("<slug:kind>/", views.listing, name="audit_list"),
]
