"""Writing: a draft is begun from what stands, kept even with mistakes in it, and handed in when it is sound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.rules.files import is_pack_file
from jiuye.office.policies.book import book_in_force
from jiuye.office.policies.checking import Checked, check_texts, current_text
from jiuye.office.policies.models import Draft, DraftFile
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.policies.skeleton import skeleton
from jiuye.office.policies.states import DRAFT_STATES, OPEN_STATES, advance, transition
from jiuye.office.policies.texts import tidy
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within

TITLE_LENGTH = 120
MOST_CHARACTERS = 300_000  # of one file; the largest of a pack has a fifth of it


class NoSuchDraftError(PolicyRefusal, LookupError):
    """No draft of that number."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(gettext("没有编号为 %(number)d 的草案。") % {"number": draft_id})


class NotTheAuthorError(PolicyRefusal):
    """Only whoever began a draft changes it and hands it in."""

    def __init__(self, author: str) -> None:
        super().__init__(gettext("这份草案由%(author)s起草，只有起草人可以修改和送审。") % {"author": author})


class DraftClosedError(PolicyRefusal):
    """A draft that is under review or published is not changed."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("草案现在是“%(state)s”，内容不能再改；要修改，请先请审核人退回。")
            % {"state": gettext(DRAFT_STATES[state])}
        )


class NotAFileError(PolicyRefusal):
    """A name that no file of a pack can have."""

    def __init__(self, path: str) -> None:
        super().__init__(
            gettext(
                "“%(path)s”不是规则包里的文件名；政策写作 policies/名称.yaml，参数写作 parameters/名称.yaml。"
            )
            % {"path": path}
        )


class ChangedMeanwhileError(PolicyRefusal):
    """The file was saved elsewhere since this page was opened; what was typed here is not lost on the page."""

    def __init__(self, path: str) -> None:
        super().__init__(
            gettext("“%(path)s”在另一个窗口里已经改过，这一次没有保存。请把要改的内容复制下来，刷新后再改。")
            % {"path": path}
        )


class UnkeepableTextError(PolicyRefusal):
    """A text that cannot be a file: far too long, or with a character that no text holds."""

    def __init__(self) -> None:
        super().__init__(
            gettext("内容太长（超过 %(most)d 个字符），或含有不能保存的控制字符；没有保存。")
            % {"most": MOST_CHARACTERS}
        )


class UnsoundDraftError(PolicyRefusal):
    """A draft with mistakes is not handed in for review."""

    def __init__(self, checked: Checked) -> None:
        errors, failures = len(checked.problems.errors), len(checked.failures)
        super().__init__(
            gettext("草案还有 %(errors)d 处错误、%(failures)d 个案例不符，改正后才能送审。")
            % {"errors": errors, "failures": failures}
        )


class NothingChangedError(PolicyRefusal):
    """The draft says what stands already."""

    def __init__(self) -> None:
        super().__init__(gettext("草案与现行规则没有差别，不用送审。"))


@transaction.atomic
def start_draft(*, actor: Actor, title: str, paths: Sequence[str], at: datetime) -> Draft:
    """Begin a draft with these files as they stand (published or in the pack); a name that is not there yet gets a skeleton.

    Raises NotPermittedError, NotAFileError, and PolicyRefusal where there is no title.
    """
    require(actor, "policies.write")
    title = title.strip()
    if not title:
        raise PolicyRefusal(gettext("请写明这份草案要改什么（标题）。"))
    with pghistory.context(operation="policies.start_draft", account=actor.account_id):
        draft = Draft.objects.create(
            title=within(title, TITLE_LENGTH, "标题", "title"),
            author_id=actor.account_id,
            base_version=book_in_force().pack.version,
            started_at=at,
            changed_at=at,
        )
        for path in dict.fromkeys(paths):
            _take_up(draft, path)
    return draft


@transaction.atomic
def add_file(*, actor: Actor, draft_id: int, path: str, at: datetime) -> DraftFile:
    """Take up another file. Raises NotAFileError and what `save_draft` raises; a file that is there already is returned."""
    draft = _writable(actor, draft_id)
    with pghistory.context(operation="policies.add_file", account=actor.account_id):
        found = draft.files.filter(path=path).order_by("pk").first() or _take_up(draft, path)
        _touch(draft, at)
    return found


@transaction.atomic
def drop_file(*, actor: Actor, draft_id: int, path: str, at: datetime) -> None:
    """Leave a file out of the draft again: it stays as it stands."""
    draft = _writable(actor, draft_id)
    with pghistory.context(operation="policies.drop_file", account=actor.account_id):
        draft.files.filter(path=path).delete()
        _touch(draft, at)


@transaction.atomic
def save_draft(
    *, actor: Actor, draft_id: int, path: str, text: str, revision: int | None = None, at: datetime
) -> DraftFile:
    """Keep a file's text, mistakes and all. `revision` is what the writer saw; None overwrites.

    Raises NoSuchDraftError, NotTheAuthorError, DraftClosedError, ChangedMeanwhileError, UnkeepableTextError, NotPermittedError.
    """
    draft = _writable(actor, draft_id)
    text = tidy(text)
    if len(text) > MOST_CHARACTERS or "\0" in text:
        raise UnkeepableTextError
    file = draft.files.filter(path=path).order_by("pk").first()
    if file is None:
        raise NotAFileError(path)
    if revision is not None and revision != file.revision:
        raise ChangedMeanwhileError(path)
    if text == file.text:
        return file
    with pghistory.context(operation="policies.save_draft", account=actor.account_id):
        file.text = text
        file.revision += 1
        file.save(update_fields=["text", "revision"])
        _touch(draft, at)
    return file


@transaction.atomic
def describe_draft(*, actor: Actor, draft_id: int, title: str, note: str, at: datetime) -> Draft:
    """Change the title and the explanation that the reviewer reads."""
    draft = _writable(actor, draft_id)
    if not title.strip():
        raise PolicyRefusal(gettext("请写明这份草案要改什么（标题）。"))
    with pghistory.context(operation="policies.describe_draft", account=actor.account_id):
        draft.title, draft.note, draft.changed_at = (
            within(title, TITLE_LENGTH, "标题", "title"),
            within(note, LONG, "给审核人的说明", "note"),
            at,
        )
        draft.save(update_fields=["title", "note", "changed_at"])
    return draft


@transaction.atomic
def submit_draft(*, actor: Actor, draft_id: int, at: datetime) -> Draft:
    """Hand the draft in. Raises UnsoundDraftError, NothingChangedError, and what `save_draft` raises."""
    draft = author_act(actor, draft_id, "submit")
    texts = texts_of_draft(draft)
    if all(text == current_text(path) for path, text in texts.items()):
        raise NothingChangedError
    checked = check_texts(texts)
    if not checked.sound:
        raise UnsoundDraftError(checked)
    return _move(actor, draft, "submit", at)


@transaction.atomic
def discard_draft(*, actor: Actor, draft_id: int, at: datetime) -> Draft:
    """Give the draft up; its texts stay on record."""
    return _move(actor, author_act(actor, draft_id, "discard"), "discard", at)


def texts_of_draft(draft: Draft) -> dict[str, str]:
    """The draft's texts by name."""
    return {file.path: file.text for file in files_of(draft)}


def files_of(draft: Draft) -> list[DraftFile]:
    """The draft's files by name: as they were read with it, else asked now."""
    known = "files" in getattr(draft, "_prefetched_objects_cache", {})
    return list(draft.files.all() if known else draft.files.order_by("path"))


def author_act(actor: Actor, draft_id: int, act: str) -> Draft:
    """The draft, locked, for an act of its author. Raises NotPermittedError, NoSuchDraftError, NotTheAuthorError."""
    require(actor, transition(act).permission)
    draft = locked(draft_id)
    if draft.author_id != actor.account_id:
        raise NotTheAuthorError(draft.author.display_name)
    return draft


def locked(draft_id: int) -> Draft:
    """The draft, locked until the transaction ends. Raises NoSuchDraftError."""
    draft = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("author")
        .filter(pk=draft_id)
        .order_by("pk")
        .first()
    )
    if draft is None:
        raise NoSuchDraftError(draft_id)
    return draft


def _writable(actor: Actor, draft_id: int) -> Draft:
    draft = author_act(actor, draft_id, "submit")
    if draft.state not in OPEN_STATES:
        raise DraftClosedError(draft.state)
    return draft


def _take_up(draft: Draft, path: str) -> DraftFile:
    if not is_pack_file(path) or len(path) > 200:
        raise NotAFileError(path)
    base = current_text(path)
    return DraftFile.objects.create(
        draft=draft, path=path, text=skeleton(path) if base is None else base, base_text=base
    )


def _touch(draft: Draft, at: datetime) -> None:
    draft.changed_at = at
    draft.save(update_fields=["changed_at"])


def _move(actor: Actor, draft: Draft, act: str, at: datetime) -> Draft:
    state = advance(draft.state, act)
    with pghistory.context(operation=f"policies.{act}", account=actor.account_id):
        draft.state, draft.changed_at = state, at
        draft.save(update_fields=["state", "changed_at"])
    return draft
