"""What people are told, as content: one file a message with its words and fields, and the rules of sending beside them."""

from jiuye.engine.messages.reading import MessageRoom, SendingRules, Template, load_messages
from jiuye.engine.messages.rendering import Words, render

__all__ = ["MessageRoom", "SendingRules", "Template", "Words", "load_messages", "render"]
