from django.apps import AppConfig

from jiuye.office.staff.row_rules import Rows, in_places, owned


class CampaignsConfig(AppConfig):
    name = "jiuye.office.campaigns"
    label = "campaigns"
    verbose_name = "批量告知"
    row_rules = {
        "Campaign": Rows(in_places("division_code")),
        "Addressee": Rows(owned()),
    }
