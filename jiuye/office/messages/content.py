"""The messages of this installation's pack (`messages/*.yaml`), read again when a file changes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from jiuye.engine.messages import MessageRoom, SendingRules, Template, load_messages
from jiuye.office.messages.occasions import OCCASIONS


class MessagesUnreadableError(RuntimeError):
    """The pack's messages have errors, so that nobody could be told; `jiuye check` lists them."""

    def __init__(self, first: str) -> None:
        super().__init__(
            gettext(
                "消息模板有错误，不能告知当事人，所以暂不能办理；请政策专员运行 jiuye check 修正。第一处：%(first)s"
            )
            % {"first": first}
        )


class NoSendingRulesError(RuntimeError):
    """The pack has no messages, so that there is nothing to send."""

    def __init__(self) -> None:
        super().__init__(gettext("规则包里没有 messages/sending.yaml，没有可发送的消息。"))


def template_for(occasion: str) -> Template | None:
    """The message of that occasion; None where the pack tells nobody then. Raises MessagesUnreadableError."""
    return message_room().templates.get(occasion)


def sending_rules() -> SendingRules:
    """When messages may leave. Raises MessagesUnreadableError, NoSendingRulesError."""
    rules = message_room().rules
    if rules is None:
        raise NoSendingRulesError
    return rules


def occasions_in_quiet_hours() -> frozenset[str]:
    """The occasions of statutory messages that leave in the quiet hours too. Raises MessagesUnreadableError."""
    templates = message_room().templates.values()
    return frozenset(found.occasion for found in templates if found.statutory and found.quiet_hours == "send")


def message_room() -> MessageRoom:
    """All messages of the pack. Raises MessagesUnreadableError."""
    folder = Path(settings.PACK) / "messages"
    files = sorted(folder.glob("*.yaml"))
    return _read(folder, tuple((path.name, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=4)
def _read(folder: Path, changed: tuple[tuple[str, int], ...]) -> MessageRoom:
    found, problems = load_messages(folder, OCCASIONS)
    if found is None:
        raise MessagesUnreadableError(problems.sorted()[0].render())
    return found
