"""Addresses below /desk/."""

from django.urls import include, path

from jiuye.portals.desk.cases import views as cases

app_name = "desk"
urlpatterns = [
    path("", cases.today, name="home"),
    path("cases/", include("jiuye.portals.desk.cases.urls")),
    path("matters/", include("jiuye.portals.desk.matters.urls")),
    path("contacts/", include("jiuye.portals.desk.contacts.urls")),
    path("work/", include("jiuye.portals.desk.work.urls")),
    path("ratings/", include("jiuye.portals.desk.ratings.urls")),
    path("objections/", include("jiuye.portals.desk.objections.urls")),
    path("doubts/", include("jiuye.portals.desk.doubts.urls")),
    path("gap/", include("jiuye.portals.desk.gap.urls")),
    path("found/", include("jiuye.portals.desk.found.urls")),
    path("versions/", include("jiuye.portals.desk.versions.urls")),
    path("people/", include("jiuye.portals.desk.people.urls")),
    path("employers/", include("jiuye.portals.desk.employers.urls")),
    path("things/", include("jiuye.portals.desk.things.urls")),
    path("imports/", include("jiuye.portals.desk.imports.urls")),
    path("loans/", include("jiuye.portals.desk.loans.urls")),
    path("budget/", include("jiuye.portals.desk.budget.urls")),
    path("campaigns/", include("jiuye.portals.desk.campaigns.urls")),
    path("audit/", include("jiuye.portals.desk.auditing.urls")),
    path("payments/", include("jiuye.portals.desk.payments.urls")),
]
