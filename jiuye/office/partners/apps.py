from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "jiuye.office.partners"
    label = "partners"
    verbose_name = "系统对接"
    rows_open = (
        "keys of other departments' systems, as hashes, and what was answered to a call that may be repeated"
    )
