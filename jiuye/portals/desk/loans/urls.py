"""Addresses below /desk/loans/."""

from django.urls import path

from jiuye.portals.desk.loans import views

urlpatterns = [
    path("", views.overview, name="loans"),
    path("new/", views.begin, name="loan_begin"),
    path("<int:loan_id>/", views.one, name="loan"),
    path("<int:loan_id>/interest/<int:subsidy_id>/<slug:act>/", views.interest, name="loan_interest"),
    path("<int:loan_id>/<slug:act>/", views.take_act, name="loan_act"),
]
