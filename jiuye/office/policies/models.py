"""Drafts of policies, their reviews, what was published, and the archive of every text that decisions were made by.

A draft's texts change only while it is open. What is published, reviewed, simulated or archived is appended and never edited;
that the reviewer and the publisher are other people than the author stands in the database.
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.policies.states import (
    DRAFT_STATES,
    OPEN_STATES,
    REVIEW_VERDICTS,
    SIMULATION_STATES,
    UNDER_WAY,
    pairs,
)
from jiuye.office.staff.asked import Asked, ended_whole, pairs_of
from jiuye.office.staff.models import Account

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def _refuse(name: str, sentence: str, *, operation: Any, needs: str) -> pgtrigger.Trigger:
    """A trigger that refuses the operation where the SQL query `needs` (over OLD and NEW) finds no row."""
    refusal = f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        func=f"PERFORM {needs}; IF NOT FOUND THEN {refusal} END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
    )


@pghistory.track()
class Draft(models.Model):
    """One change to the rules under way: one or more files, by one author."""

    title = models.CharField("标题", max_length=120)
    note = models.TextField("说明", blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=list(DRAFT_STATES.items()), default="draft")
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="起草人")
    base_version = models.CharField("起草时的规则包版本", max_length=64)
    started_at = models.DateTimeField("起草时间")
    changed_at = models.DateTimeField("最近修改")

    class Meta:
        verbose_name = "政策草案"
        indexes = [models.Index(fields=["state", "changed_at"])]
        triggers = [
            pgtrigger.FSM(name="draft_walks_the_table", field="state", transitions=pairs()),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="draft_keeps_its_author",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.author_id IS DISTINCT FROM NEW.author_id"),
                func="RAISE EXCEPTION '草案的起草人不能更改。' USING ERRCODE = 'check_violation', "
                "CONSTRAINT = 'draft_keeps_its_author';",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="draft_has_title", condition=~Q(title=""), violation_error_message="草案必须有标题。"
            )
        ]

    def __str__(self) -> str:
        return self.title


_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)


@pghistory.track()
class DraftFile(models.Model):
    """One file of a draft, as the author has it now; `base_text` is what it was when the draft took it up."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="files", verbose_name="草案")
    path = models.CharField("文件", max_length=200)
    text = models.TextField("内容")
    base_text = models.TextField("起草时的内容", null=True)  # null: the file is new
    revision = models.PositiveIntegerField("修改次数", default=0)

    class Meta:
        verbose_name = "草案文件"
        triggers = [
            _refuse(
                "draft_file_changes_while_open",
                "草案送审以后内容不能再改；请先退回。",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                needs="1 FROM policies_draft AS owner WHERE owner.id = "
                "CASE WHEN TG_OP = 'DELETE' THEN OLD.draft_id ELSE NEW.draft_id END "
                f"AND owner.state IN ({_OPEN})",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "path"],
                name="draft_file_once",
                violation_error_message="同一份草案里一个文件只有一份内容。",
            )
        ]

    def __str__(self) -> str:
        return self.path


class Review(models.Model):
    """What another person said of a draft, of exactly the texts whose hash stands here."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="reviews", verbose_name="草案")
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="起草人")
    reviewer = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="审核人")
    verdict = models.CharField("结论", max_length=10, choices=list(REVIEW_VERDICTS.items()))
    note = models.TextField("意见", blank=True, default="")
    content_hash = models.CharField("内容摘要", max_length=64)
    reviewed_at = models.DateTimeField("审核时间")

    class Meta:
        verbose_name = "审核意见"
        triggers = [
            APPEND_ONLY,
            _refuse(
                "review_names_the_author",
                "审核意见上的起草人与草案不符。",
                operation=pgtrigger.Insert,
                needs="1 FROM policies_draft AS owner WHERE owner.id = NEW.draft_id AND owner.author_id = NEW.author_id",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="review_is_by_another_person",
                condition=~Q(reviewer=F("author")),
                violation_error_message="审核人不能是起草人；请由另一人审核。",
            ),
            models.CheckConstraint(
                name="review_return_says_why",
                condition=~Q(verdict="returned", note=""),
                violation_error_message="退回修改必须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft} {self.get_verdict_display()}"


class Simulation(models.Model):
    """One run of drafts beside the rules of that moment over everyone's facts of one day. `result` is plain data."""

    draft = models.ForeignKey(
        Draft, on_delete=models.PROTECT, related_name="simulations", verbose_name="草案"
    )
    beside = models.JSONField("同时比较的草案", default=list)  # their ids
    content_hashes = models.JSONField(
        "各草案的内容摘要", default=dict
    )  # draft id → hash of what was simulated
    base_version = models.CharField("现行规则包版本", max_length=64)
    columns_on = models.DateField("数据日期")
    result = models.JSONField("结果")
    seconds = models.PositiveIntegerField("用时（秒）", default=0)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="测算人")
    made_at = models.DateTimeField("测算时间")

    class Meta:
        verbose_name = "测算"
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.draft} {self.columns_on}"


@pghistory.track()
class SimulationRequest(Asked):
    """A simulation asked for: made beside the pages, since it decides everyone (`entitlements/asked_simulations.py`)."""

    draft = models.ForeignKey(
        Draft, on_delete=models.PROTECT, related_name="simulation_requests", verbose_name="草案"
    )
    beside = models.JSONField("同时比较的草案", default=list)  # their ids
    grid = models.JSONField("要试的取值", default=list)  # rows {file, place, values}; empty: none
    state = models.CharField(
        "状态", max_length=10, choices=list(SIMULATION_STATES.items()), default="waiting"
    )
    simulation = models.OneToOneField(
        Simulation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="测算"
    )

    class Meta:
        verbose_name = "测算申请"
        triggers = [
            pgtrigger.FSM(
                name="simulation_walks_the_table", field="state", transitions=pairs_of("simulating")
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["asked_by"],
                condition=Q(state__in=UNDER_WAY),
                name="one_simulation_of_an_officer_at_a_time",
                violation_error_message="您有一次测算还没有结束，等它结束后再测算。",
            ),
            models.CheckConstraint(
                name="simulation_ended_whole",
                condition=ended_whole("simulation", "simulating"),
                violation_error_message="算成的要有结果，没有算成的要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"simulation-request:{self.pk}"


class Publication(models.Model):
    """Texts that are the rules from a day on. Never edited: what is to change again is published again."""

    draft = models.OneToOneField(
        Draft, on_delete=models.PROTECT, related_name="publication", verbose_name="草案"
    )
    title = models.CharField("标题", max_length=120)
    files = models.JSONField("内容")  # name → text
    policies = models.JSONField("改变的政策", default=list)  # ids of those whose answers may change
    content_hash = models.CharField("内容摘要", max_length=64)
    version = models.CharField("公布后的规则包版本", max_length=64)
    effective_on = models.DateField("施行日期")
    written_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="起草人")
    reviewed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="审核人"
    )
    published_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="公布人"
    )
    published_on = models.DateField("公布日期")
    published_at = models.DateTimeField("公布时间")

    class Meta:
        verbose_name = "公布"
        triggers = [
            APPEND_ONLY,
            _refuse(
                "publication_is_what_was_reviewed",
                "公布的内容必须是另一人审核通过的那一份。",
                operation=pgtrigger.Insert,
                needs="1 FROM policies_review AS seen JOIN policies_draft AS owner ON owner.id = seen.draft_id "
                "WHERE seen.draft_id = NEW.draft_id AND seen.verdict = 'approved' AND seen.reviewer_id = NEW.reviewed_by_id "
                "AND seen.content_hash = NEW.content_hash AND owner.author_id = NEW.written_by_id "
                "AND owner.state = 'approved'",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="publication_reviewer_is_another_person",
                condition=~Q(reviewed_by=F("written_by")),
                violation_error_message="审核人不能是起草人；请由另一人审核。",
            ),
            models.CheckConstraint(
                name="publication_publisher_is_another_person",
                condition=~Q(published_by=F("written_by")),
                violation_error_message="公布人不能是起草人；请由另一人公布。",
            ),
            models.CheckConstraint(
                name="publication_not_before_its_day",
                condition=Q(effective_on__gte=F("published_on")),
                violation_error_message="施行日期不能早于公布日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Effect(models.Model):
    """A publication has come into force: from here on it is among the rules, and what it changes was decided anew."""

    publication = models.OneToOneField(
        Publication, on_delete=models.PROTECT, related_name="effect", verbose_name="公布"
    )
    on_date = models.DateField("施行日")
    at = models.DateTimeField("施行时间")
    version = models.CharField("规则包版本", max_length=64)
    policies = models.JSONField("重新判定的政策", default=list)

    class Meta:
        verbose_name = "施行"
        triggers = [
            APPEND_ONLY,
            _refuse(
                "effect_not_before_its_day",
                "公布的政策不能在施行日期以前施行。",
                operation=pgtrigger.Insert,
                needs="1 FROM policies_publication AS held WHERE held.id = NEW.publication_id "
                "AND held.effective_on <= NEW.on_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication} {self.on_date}"


class ArchivedText(models.Model):
    """The text of a file that decisions were made by, kept once however many versions hold it."""

    digest = models.CharField("摘要", max_length=64, unique=True)
    text = models.TextField("内容")

    class Meta:
        verbose_name = "存档文本"
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return self.digest[:12]


class PolicyVersion(models.Model):
    """The files that one policy's answers depend on, as they stood when something was decided by them."""

    policy_id = models.CharField("政策", max_length=60)
    version = models.CharField("规则版本", max_length=64)
    name = models.CharField("名称", max_length=200)
    name_en = models.CharField("英文名称", max_length=200, blank=True, default="")
    files = models.JSONField("文件")  # name → digest
    kept_at = models.DateTimeField("存档时间")

    class Meta:
        verbose_name = "政策版本"
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(
                fields=["policy_id", "version"],
                name="policy_version_once",
                violation_error_message="同一政策的同一版本只存档一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.version}"


class BookVersion(models.Model):
    """Every file of a sound pack, as it stood when something was decided by it: what is gone back to in need."""

    version = models.CharField("规则包版本", max_length=64, unique=True)
    files = models.JSONField("文件")  # name → digest
    kept_at = models.DateTimeField("存档时间")

    class Meta:
        verbose_name = "规则包版本"
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return self.version
