from django.apps import AppConfig

from jiuye.office.staff.row_rules import ACCOUNT, Rows, owned


class MessagesConfig(AppConfig):
    name = "jiuye.office.messages"
    label = "office_messages"  # `messages` is Django's own
    verbose_name = "消息"
    erasing = "jiuye.office.messages.erasing"
    # An officer tells a colleague of the same place; what another place's officer was told is nobody else's.
    row_rules = {"Message": Rows(f"{owned()} OR account_id = {ACCOUNT}")}
