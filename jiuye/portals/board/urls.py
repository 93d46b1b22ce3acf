"""Addresses below /board/."""

from django.urls import path

from jiuye.portals.board.views import gap, indicators, plan, reporting

app_name = "board"
urlpatterns = [
    path("", plan.home, name="home"),
    path("gap/", gap.gap, name="gap"),
    path("tasks/<slug:section>/", plan.section, name="section"),
    path("indicators/<slug:indicator_id>/", indicators.indicator, name="indicator"),
    path("indicators/<slug:indicator_id>/records/", indicators.records, name="records"),
    path("reporting/", reporting.desk, name="reporting"),
    path("reporting/figures/<slug:indicator_id>/", reporting.figure, name="report_figure"),
    path("reporting/milestones/<slug:milestone_id>/", reporting.milestone, name="report_milestone"),
]
