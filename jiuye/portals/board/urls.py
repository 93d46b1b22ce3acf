"""Addresses below /board/."""

from django.urls import path

from jiuye.portals.board import views

app_name = "board"
urlpatterns = [path("", views.home, name="home")]
