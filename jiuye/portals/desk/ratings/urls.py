"""Addresses below /desk/ratings/."""

from django.urls import path

from jiuye.portals.desk.ratings import views

urlpatterns = [
    path("", views.listing, name="ratings"),
    path("<int:rating_id>/", views.detail, name="rating"),
    path("<int:rating_id>/answer/", views.answer, name="answer_rating"),
]
