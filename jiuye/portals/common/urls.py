"""Addresses shared by all portals."""

from django.urls import path

from jiuye.portals.common.views import display, notice, session

urlpatterns = [
    path("", session.landing, name="landing"),
    path("login/", session.log_in, name="login"),
    path("logout/", session.log_out, name="logout"),
    path("language/", display.set_language, name="set_language"),
    path("notice/", notice.notice, name="notice"),
    path("display/", display.set_display, name="set_display"),
]
