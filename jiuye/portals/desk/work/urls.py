"""Addresses below /desk/work/."""

from django.urls import path

from jiuye.portals.desk.work import views

urlpatterns = [
    path("cases/<int:case_id>/take/", views.take_case, name="take_case"),
    path("cases/<int:case_id>/hand-on/", views.hand_on_case, name="hand_on_case"),
    path("cases/<int:case_id>/put-back/", views.put_back_case, name="put_back_case"),
    path("matters/<int:matter_id>/take/", views.take_matter, name="take_matter"),
    path("matters/<int:matter_id>/hand-on/", views.hand_on_matter, name="hand_on_matter"),
    path("matters/<int:matter_id>/put-back/", views.put_back_matter, name="put_back_matter"),
    path("loans/<int:loan_id>/take/", views.take_loan, name="take_loan"),
    path("loans/<int:loan_id>/hand-on/", views.hand_on_loan, name="hand_on_loan"),
    path("loans/<int:loan_id>/put-back/", views.put_back_loan, name="put_back_loan"),
    path("late/", views.late, name="late"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read, name="inbox_read"),
    path("away/", views.away, name="away"),
    path("away/declare/", views.declare, name="away_declare"),
    path("away/colleague/", views.declare_of, name="away_declare_of"),
    path("away/<int:absence_id>/back/", views.back, name="away_back"),
]
