"""Addresses below /desk/loans/."""

from django.urls import path

from jiuye.portals.desk import told
from jiuye.portals.desk.loans import papers, reviewing, taking, views

urlpatterns = [
    path("", views.overview, name="loans"),
    path("new/", views.begin, name="loan_begin"),
    path("new/save/", views.save, name="loan_save"),
    path("register/", taking.overview, name="loans_registered"),
    path("register/<int:record_id>/", taking.enter, name="loan_take_over"),
    path("takeovers/", taking.proposals, name="loan_takeovers"),
    path("takeovers/<int:takeover_id>/", taking.one, name="loan_takeover"),
    path("takeovers/<int:takeover_id>/<slug:act>/", taking.act, name="loan_takeover_act"),
    path("reviews/<int:review_id>/", reviewing.decide_review, name="loan_review"),
    path("papers/<int:evidence_id>/", papers.paper, name="loan_paper"),
    path("<int:loan_id>/original/", papers.show_original, name="loan_original"),
    path("<int:loan_id>/ask-review/", reviewing.ask_review, name="loan_ask_review"),
    path("<int:loan_id>/", views.one, name="loan"),
    path("<int:loan_id>/letters/<int:message_id>/", told.loan_letter, name="loan_letter"),
    path("<int:loan_id>/interest/<int:subsidy_id>/<slug:act>/", views.interest, name="loan_interest"),
    path("<int:loan_id>/<slug:act>/", views.take_act, name="loan_act"),
]
