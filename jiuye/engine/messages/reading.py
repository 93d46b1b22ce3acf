"""Reading `messages/*.yaml`: every mistake of every file in one run, each with its line and a sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import time
from itertools import pairwise
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, read_yaml
from jiuye.engine.basis.nodes import Scalar
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.messages.rendering import fields_of, stray_brace
from jiuye.engine.services.reading import Source, SourcedReader

CHANNELS = {"sms": "短信", "in_app": "站内消息"}
RULES_FILE = "sending.yaml"
MOST_RETRY_MINUTES = 7 * 24 * 60
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Template:
    """One message: on which occasion, through which channels, in which words. `letter` is there where it is written as a letter too.

    A statutory message is one that a law asks for: its `source` says which, and it never waits for another day. `quiet_hours` says whether
    it waits for the morning (`wait`) or leaves in the quiet hours too (`send`, statutory ones alone).
    """

    id: str
    occasion: str
    statutory: bool
    channels: tuple[str, ...]
    title: str
    title_en: str
    says: str
    says_en: str
    letter: tuple[str, ...]
    source: Source | None
    version: str  # of the file: the first twelve digits of its SHA-256
    quiet_hours: str = "wait"


@dataclass(frozen=True, slots=True)
class SendingRules:
    """When messages leave: not in quiet hours, so many ordinary ones a person a day, and after a failure with growing waits (minutes)."""

    signature: str
    quiet_from: time
    quiet_until: time
    a_day: int
    retry_minutes: tuple[int, ...]
    second_person_above: int = 100  # so many told at once need a second person to release them
    again_after_days: int = (
        14  # within so many days nobody is told of the same policies again, and pieces count together
    )

    def is_quiet(self, moment: time) -> bool:
        """True within the quiet hours, which may run over midnight; their end does not belong to them."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= moment < self.quiet_until
        return moment >= self.quiet_from or moment < self.quiet_until


@dataclass(frozen=True, slots=True)
class MessageRoom:
    """The whole folder: messages by occasion, and the rules of sending."""

    templates: dict[str, Template] = field(default_factory=dict)
    rules: SendingRules | None = None


def load_messages(
    folder: Path,
    occasions: Table[str, frozenset[str]],
    *,
    problems: Problems | None = None,
    base: Path | None = None,
) -> tuple[MessageRoom | None, Problems]:
    """Everything in `folder`, and what is wrong with it; None where anything is: half a law's message is none.

    `occasions` names the occasions that the software knows, each with the fields that it hands over.
    """
    problems = problems if problems is not None else Problems()
    before = len(problems.errors)
    templates: dict[str, Template] = {}
    rules: SendingRules | None = None
    for path in sorted(folder.glob("*.yaml")):
        root = read_yaml(path, problems, base=base)
        if root is None:
            continue
        if path.name == RULES_FILE:
            rules = _Reader(problems, occasions).rules(root)
            continue
        version = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        found = _Reader(problems, occasions).template(root, path.stem, version)
        if found.occasion in templates:
            problems.add(
                root.key_place("occasion"),
                "occasion-twice",
                zh=f"“{found.occasion}”已有消息“{templates[found.occasion].id}”；一个时点只写一条消息。",
                en=f"'{found.occasion}' has the message '{templates[found.occasion].id}' already; one message an occasion.",
            )
        templates[found.occasion] = found
        if rules is None and not (folder / RULES_FILE).exists():
            problems.add(
                root.place,
                "no-sending-rules",
                zh=f"消息旁边缺少 {RULES_FILE}（免打扰时段、每日条数、重发间隔）。请补上。",
                en=f"beside the messages {RULES_FILE} is missing (quiet hours, messages a day, retries); add it.",
            )
    return (MessageRoom(templates, rules) if len(problems.errors) == before else None), problems


class _Reader(SourcedReader):
    def __init__(self, problems: Problems, occasions: Table[str, frozenset[str]]) -> None:
        super().__init__(problems)
        self.occasions = occasions

    def template(self, root: Mapping, name: str, version: str) -> Template:
        self.read_sources(root)
        key = root.text("id", required=True)
        if key and key != name:
            self.problems.add(
                root.key_place("id"),
                "wrong-name",
                zh=f"id 是“{key}”，文件名却是“{name}”。请写成一样的。",
                en=f"the id is '{key}', but the file is called '{name}'; make them the same.",
            )
        occasion = root.choice("occasion", tuple(self.occasions))
        statutory, source = root.flag("statutory"), self.source(root)
        if statutory and source is None and "source" not in root:
            self.problems.add(
                root.key_place("statutory"),
                "missing-source",
                zh="法定告知要写明依据（source）。",
                en="a statutory message names the law that asks for it ('source').",
            )
        found = Template(
            id=key,
            occasion=occasion,
            statutory=statutory,
            channels=self.channels(root),
            title=self.words(root, "title", occasion),
            title_en=self.words(root, "title_en", occasion),
            says=self.words(root, "says", occasion),
            says_en=self.words(root, "says_en", occasion),
            letter=self.letter(root, occasion),
            source=source,
            version=version,
            quiet_hours=self.quiet_hours(root, statutory),
        )
        self.unused_sources(root)
        root.finish()
        return found

    def quiet_hours(self, root: Mapping, statutory: bool) -> str:
        found = root.choice("quiet_hours", ("wait", "send"), default="wait")
        if found == "send" and not statutory:
            self.problems.add(
                root.key_place("quiet_hours"),
                "not-statutory",
                zh="只有法定告知才能在免打扰时段发送；请写 wait，或者删去这一行。",
                en="only a statutory message leaves in the quiet hours; write wait, or leave the line out.",
            )
        return found

    def channels(self, root: Mapping) -> tuple[str, ...]:
        found: list[str] = []
        for scalar in root.texts("channels", required=True):
            if scalar.text not in CHANNELS:
                zh, en = did_you_mean(scalar.text, CHANNELS)
                self.problems.add(
                    scalar.place,
                    "unknown-channel",
                    zh=f"没有“{scalar.text}”这种渠道。{zh}",
                    en=f"there is no channel '{scalar.text}'; {en}",
                )
            elif scalar.text not in found:
                found.append(scalar.text)
        return tuple(found)

    def words(self, root: Mapping, key: str, occasion: str) -> str:
        text = root.text(key, required=True)
        scalar = root.scalar(key)
        if scalar is not None:
            self.check_fields(scalar, occasion)
        return text

    def letter(self, root: Mapping, occasion: str) -> tuple[str, ...]:
        found = root.texts("letter") if "letter" in root else []
        for scalar in found:
            self.check_fields(scalar, occasion)
        return tuple(scalar.text.strip() for scalar in found)

    def check_fields(self, scalar: Scalar, occasion: str) -> None:
        known = self.occasions.get(occasion)
        if known is None:
            return  # the occasion itself is reported
        for name, start, end in fields_of(scalar.text):
            if name not in known:
                zh, en = did_you_mean(name, known)
                self.problems.add(
                    scalar.part(start, end),
                    "unknown-field",
                    zh=f"“{occasion}”没有字段“{name}”。{zh}",
                    en=f"'{occasion}' hands over no field '{name}'; {en}",
                )
        stray = stray_brace(scalar.text)
        if stray is not None:
            self.problems.add(
                scalar.part(stray, stray + 1),
                "stray-brace",
                zh="这里的花括号不是字段。字段写作 {名称}，名称用小写字母和下划线。",
                en="this brace belongs to no field; a field is written {name}, in small letters and underscores.",
            )

    def rules(self, root: Mapping) -> SendingRules:
        root.text("id", required=True)
        self.read_sources(root)
        signature = root.text("signature", required=True)
        quiet = root.mapping("quiet_hours", required=True)
        start = end = time(0)
        if quiet is not None:
            start, end = self.clock(quiet, "from"), self.clock(quiet, "until")
            self.finish(quiet)
        daily = root.mapping("a_day", required=True)
        a_day = 1
        if daily is not None:
            a_day = self.at_least_one(daily, "messages")
            self.finish(daily)
        retries = root.mapping("retries", required=True)
        minutes: tuple[int, ...] = ()
        if retries is not None:
            minutes = self.growing(retries)
            self.finish(retries)
        bulk = root.mapping("bulk")
        above, again = 100, 14
        if bulk is not None:
            above = self.at_least_one(bulk, "second_person_above")
            again = self.at_least_one(bulk, "again_after_days")
            self.finish(bulk)
        self.unused_sources(root)
        root.finish()
        return SendingRules(signature, start, end, a_day, minutes, above, again)

    def finish(self, node: Mapping) -> None:
        self.basis(node, "basis")
        self.source(node)
        node.finish()

    def clock(self, node: Mapping, key: str) -> time:
        scalar = node.scalar(key, required=True)
        found = _CLOCK.fullmatch(scalar.text) if scalar is not None else None
        if found is not None:
            return time(int(found.group(1)), int(found.group(2)))
        if scalar is not None:
            self.problems.add(
                scalar.place,
                "wrong-clock",
                zh=f"“{scalar.text}”不是时刻。请写成 21:00 这样。",
                en=f"'{scalar.text}' is no time of day; write it like 21:00.",
            )
        return time(0)

    def at_least_one(self, node: Mapping, key: str) -> int:
        value = node.whole(key, required=True)
        if value is not None and value < 1:
            self.problems.add(
                node.key_place(key),
                "out-of-range",
                zh=f"“{key}”至少是 1。",
                en=f"'{key}' is at least 1.",
            )
        return max(1, value or 1)

    def growing(self, node: Mapping) -> tuple[int, ...]:
        found = []
        for scalar in node.texts("minutes", required=True):
            if not scalar.text.isascii() or not scalar.text.isdigit():
                self.problems.add(
                    scalar.place,
                    "not-a-number",
                    zh=f"“{scalar.text}”不是分钟数。",
                    en=f"'{scalar.text}' is no number of minutes.",
                )
                continue
            found.append(int(scalar.text))
        grows = all(1 <= first < second for first, second in pairwise(found))
        if not found or not grows or found[-1] > MOST_RETRY_MINUTES:
            self.problems.add(
                node.place,
                "retries-not-growing",
                zh=f"重发间隔（分钟）要一次比一次长，从 1 到 {MOST_RETRY_MINUTES}。",
                en=f"the waits between retries (minutes) grow each time, between 1 and {MOST_RETRY_MINUTES}.",
            )
        return tuple(found)
