from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "jiuye.office.policies"
    label = "policies"
    verbose_name = "政策"
    rows_open = "drafts and rules; nobody's record is in them"
