"""Addresses below /my/."""

from django.urls import include, path

from jiuye.portals.resident import authorities, inbox, views
from jiuye.portals.resident.loans import views as loans

app_name = "resident"
urlpatterns = [
    path("", views.home, name="home"),
    path("benefits/<int:entitlement_id>/", views.benefit, name="benefit"),
    path("benefits/<int:entitlement_id>/confirm/", views.confirm, name="confirm"),
    path("answers/", views.answer, name="answer"),
    path("services/", include("jiuye.portals.resident.matters.urls")),
    path("loans/", loans.overview, name="loans"),
    path("loans/apply/", loans.apply, name="loan_apply"),
    path("loans/save/", loans.save, name="loan_save"),
    path("loans/papers/<int:evidence_id>/", loans.paper, name="loan_paper"),
    path("loans/<int:loan_id>/papers/", loans.attach, name="loan_attach"),
    path("loans/<int:loan_id>/correct/", loans.correct, name="loan_correct"),
    path("loans/<int:loan_id>/withdraw/", loans.withdraw, name="loan_withdraw"),
    path("loans/<int:loan_id>/ask-review/", loans.ask_review, name="loan_ask_review"),
    path("loans/<int:loan_id>/rate/", loans.rate, name="loan_rate"),
    path("messages/", inbox.inbox, name="inbox"),
    path("messages/read/", inbox.read, name="inbox_read"),
    path("messages/<int:message_id>/letter/", inbox.letter, name="letter"),
    path("authorities/", authorities.listing, name="authorities"),
    path("authorities/<int:authority_id>/end/", authorities.end, name="authority_end"),
    path("authorities/<int:authority_id>/proof/", authorities.proof, name="authority_proof"),
    path("cases/", views.cases, name="cases"),
    path("cases/<int:case_id>/", views.case, name="case"),
    path("cases/papers/<int:evidence_id>/", views.case_paper, name="case_paper"),
    path("cases/<int:case_id>/papers/", views.attach, name="case_attach"),
    path("cases/<int:case_id>/rate/", views.rate, name="rate_case"),
    path("cases/<int:case_id>/<slug:act>/", views.act, name="act"),
]
