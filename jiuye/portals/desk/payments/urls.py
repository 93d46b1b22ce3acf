"""Addresses below /desk/payments/."""

from django.urls import path

from jiuye.portals.desk.payments import files, recoveries, unbooked, views

urlpatterns = [
    path("", views.overview, name="payments"),
    path("make/", views.make, name="payments_make"),
    path("make-loans/", views.make_of_loans, name="payments_make_loans"),
    path("batches/<int:batch_id>/", views.batch, name="batch"),
    path("returns/", files.take_in, name="payments_return"),
    path("batches/<int:batch_id>/file/<slug:kind>/", files.download, name="batch_file"),
    path("batches/<int:batch_id>/reconciliation/", files.compare, name="batch_reconciliation"),
    path("batches/<int:batch_id>/give-up/", views.give_up, name="batch_give_up"),
    path("batches/<int:batch_id>/<slug:act>/", views.take_act, name="batch_act"),
    path("unbooked/", unbooked.overview, name="unbooked"),
    path("unbooked/take-over/", unbooked.take_over, name="unbooked_take_over"),
    path("unbooked/<int:unbooked_id>/assign/", unbooked.assign, name="unbooked_assign"),
    path("unbooked/<int:unbooked_id>/propose/", unbooked.propose, name="unbooked_propose"),
    path("unbooked/<int:unbooked_id>/close/", unbooked.close, name="unbooked_close"),
    path("recoveries/", recoveries.overview, name="recoveries"),
    path("recoveries/new/", recoveries.begin, name="recovery_begin"),
    path("recoveries/<int:recovery_id>/", recoveries.one, name="recovery"),
    path("recoveries/<int:recovery_id>/decide/<slug:act>/", recoveries.decide, name="recovery_decide"),
    path("recoveries/<int:recovery_id>/receive/", recoveries.receive, name="recovery_receive"),
    path("recoveries/<int:recovery_id>/undo-receipt/", recoveries.undo_receipt, name="recovery_undo_receipt"),
    path("recoveries/<int:recovery_id>/waive/", recoveries.waive, name="recovery_waive"),
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/<path:code>/", views.ledger_account, name="ledger_account"),
]
