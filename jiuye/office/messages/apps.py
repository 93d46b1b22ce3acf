from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "jiuye.office.messages"
    label = "office_messages"  # `messages` is Django's own
    verbose_name = "消息"
