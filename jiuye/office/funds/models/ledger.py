"""The ledger in the database: accounts with running balances, and transfers that are only ever appended.

A balance is never written by hand: one trigger adds what a transfer moves, another refuses every other write. The
rules are those of `jiuye.engine.ledger`, which decides and words the refusal; here the database holds the same.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.funds.states import ACCOUNT_KINDS, LIMITS, TRANSFER_KINDS
from jiuye.office.staff.models import Account

# One statement may append many transfers: the balances of all accounts that it touches move in one update.
_MOVE_BALANCES = """
    WITH moves AS (
        SELECT debit_id AS account_id,
               CASE WHEN kind IN ('single', 'post') THEN amount_fen WHEN kind = 'reverse' THEN -amount_fen ELSE 0 END AS debits_posted,
               0::bigint AS credits_posted,
               CASE WHEN kind = 'pending' THEN amount_fen WHEN kind IN ('post', 'void') THEN -amount_fen ELSE 0 END AS debits_pending,
               0::bigint AS credits_pending
          FROM appended
        UNION ALL
        SELECT credit_id, 0,
               CASE WHEN kind IN ('single', 'post') THEN amount_fen WHEN kind = 'reverse' THEN -amount_fen ELSE 0 END,
               0,
               CASE WHEN kind = 'pending' THEN amount_fen WHEN kind IN ('post', 'void') THEN -amount_fen ELSE 0 END
          FROM appended
    ), summed AS (
        SELECT account_id, sum(debits_posted) AS debits_posted, sum(credits_posted) AS credits_posted,
               sum(debits_pending) AS debits_pending, sum(credits_pending) AS credits_pending
          FROM moves GROUP BY account_id
    ), locked AS (
        SELECT id FROM funds_ledgeraccount WHERE id IN (SELECT account_id FROM summed) ORDER BY id FOR UPDATE
    )
    UPDATE funds_ledgeraccount AS account
       SET debits_posted_fen = account.debits_posted_fen + summed.debits_posted,
           credits_posted_fen = account.credits_posted_fen + summed.credits_posted,
           debits_pending_fen = account.debits_pending_fen + summed.debits_pending,
           credits_pending_fen = account.credits_pending_fen + summed.credits_pending
      FROM summed JOIN locked ON locked.id = summed.account_id
     WHERE account.id = summed.account_id;
    RETURN NULL;
"""
_BALANCES = ("debits_posted_fen", "credits_posted_fen", "debits_pending_fen", "credits_pending_fen")
_KEPT_BY_TRIGGERS = (*_BALANCES, "chain_length", "chain_head")
_BY_HAND = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _KEPT_BY_TRIGGERS)
_NOT_ZERO = " OR ".join(f"NEW.{column} <> 0" for column in (*_BALANCES, "chain_length"))
# Each entry is bound to the one before it on its debit account. The account's row is locked here (the operation holds it
# already), so that two transactions never take the same place; the digest itself is the function of migration 0003.
_JOIN_CHAIN = """
    SELECT code, chain_length, chain_head INTO STRICT debit FROM funds_ledgeraccount
     WHERE id = NEW.debit_id FOR UPDATE;
    NEW.position := debit.chain_length + 1;
    NEW.previous_digest := debit.chain_head;
    NEW.digest := funds_entry_digest(
        NEW.previous_digest, NEW.position, NEW.key, NEW.kind, debit.code,
        (SELECT code FROM funds_ledgeraccount WHERE id = NEW.credit_id), NEW.amount_fen,
        coalesce((SELECT key FROM funds_ledgertransfer WHERE id = NEW.pending_id), ''), NEW.claim_key, NEW.clause,
        NEW.receipt, NEW.document, NEW.on_date, NEW.at, coalesce(NEW.recorded_by_id, 0));
    UPDATE funds_ledgeraccount SET chain_length = NEW.position, chain_head = NEW.digest WHERE id = NEW.debit_id;
    RETURN NEW;
"""


class LedgerAccount(models.Model):
    """One account. The balance is credits less debits; what is pending is reserved and not yet moved. All in fen."""

    code = models.CharField("科目代码", max_length=80, unique=True)
    kind = models.CharField("科目类别", max_length=20, choices=list(ACCOUNT_KINDS.items()))
    limit = models.CharField("余额限制", max_length=8, choices=list(LIMITS.items()))
    debits_posted_fen = models.BigIntegerField("借方发生额", default=0)
    credits_posted_fen = models.BigIntegerField("贷方发生额", default=0)
    debits_pending_fen = models.BigIntegerField("借方预留额", default=0)
    credits_pending_fen = models.BigIntegerField("贷方预留额", default=0)
    closed_on = models.DateField("关闭日期", null=True, blank=True)
    # How many entries debit this account, and the digest of the last: the end of their chain.
    chain_length = models.BigIntegerField("链长", default=0)
    chain_head = models.CharField("链尾摘要", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "账户"
        triggers = [
            refuse(
                "balance_moves_by_transfer_only",
                "账户余额只能由转账记录改变，不能直接修改。",
                operation=pgtrigger.Update,
                condition=f"pg_trigger_depth() = 0 AND ({_BY_HAND})",
            ),
            refuse(
                "account_opens_at_zero",
                "新开账户的余额必须为零。",
                operation=pgtrigger.Insert,
                condition=_NOT_ZERO,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.CheckConstraint(
                name="ledger_account_not_overdrawn",
                condition=~Q(limit="credit")
                | Q(credits_posted_fen__gte=F("debits_posted_fen") + F("debits_pending_fen")),
                violation_error_message="预算不能超支：已支付与已预留之和不能超过已安排的金额。",
            ),
            models.CheckConstraint(
                name="ledger_account_not_overcredited",
                condition=~Q(limit="debit")
                | Q(debits_posted_fen__gte=F("credits_posted_fen") + F("credits_pending_fen")),
                violation_error_message="账户的贷方不能超过借方。",
            ),
            models.CheckConstraint(
                name="ledger_account_sums_not_negative",
                condition=Q(
                    debits_posted_fen__gte=0,
                    credits_posted_fen__gte=0,
                    debits_pending_fen__gte=0,
                    credits_pending_fen__gte=0,
                ),
                violation_error_message="账户的发生额和预留额不能为负。",
            ),
            models.CheckConstraint(
                name="ledger_account_limit_known",
                condition=Q(limit__in=list(LIMITS)) & Q(kind__in=list(ACCOUNT_KINDS)),
                violation_error_message="账户类别或余额限制不在目录内。",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def balance_fen(self) -> int:
        """Credits less debits, posted."""
        return self.credits_posted_fen - self.debits_posted_fen

    @property
    def available_fen(self) -> int:
        """What may still be drawn from a budget: its balance less what is reserved."""
        return self.balance_fen - self.debits_pending_fen


class LedgerTransfer(models.Model):
    """Money moved from the debit to the credit account, or reserved, posted, or voided. Appended, never edited."""

    key = models.CharField("转账键", max_length=120, unique=True)
    kind = models.CharField("类别", max_length=8, choices=list(TRANSFER_KINDS.items()))
    debit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="debits", verbose_name="借方"
    )
    credit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="credits", verbose_name="贷方"
    )
    amount_fen = models.BigIntegerField("金额")
    pending = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="finish",
        verbose_name="对应的预留",
        error_messages={"unique": "这笔预留已经支付或释放过了。"},
    )  # a reservation is finished once: posted or voided; what was posted is reversed once
    claim_key = models.CharField("办件键", max_length=60, blank=True, default="", db_index=True)
    document = models.CharField("依据", max_length=200, blank=True, default="")
    clause = models.CharField("政策与版本", max_length=140, blank=True, default="")
    receipt = models.CharField("判定凭据摘要", max_length=64, blank=True, default="")
    on_date = models.DateField("记账日")
    at = models.DateTimeField("记录时间")
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )  # empty: the installation itself
    # The chain: written by a trigger, whatever is handed in.
    position = models.BigIntegerField("链上位置", default=0)
    previous_digest = models.CharField("前一笔摘要", max_length=64, blank=True, default="")
    digest = models.CharField("摘要", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "转账"
        indexes = [
            models.Index(fields=["debit", "on_date"]),
            models.Index(fields=["credit", "on_date"]),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="move_balances",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="appended"),
                func=_MOVE_BALANCES,
            ),
            pgtrigger.Trigger(
                name="join_chain",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("debit", "RECORD")],
                func=_JOIN_CHAIN,
            ),
            refuse(
                "finish_agrees_with_pending",
                "支付或释放必须与原预留、冲回必须与原支付的账户和金额一致。",
                operation=pgtrigger.Insert,
                condition="NEW.pending_id IS NOT NULL",
                needs="1 FROM funds_ledgertransfer AS held WHERE held.id = NEW.pending_id "
                "AND held.kind = CASE NEW.kind WHEN 'reverse' THEN 'post' ELSE 'pending' END "
                "AND held.debit_id = NEW.debit_id AND held.credit_id = NEW.credit_id "
                "AND held.amount_fen = NEW.amount_fen AND held.claim_key = NEW.claim_key",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["debit", "position"],
                name="ledger_transfer_one_place_in_the_chain",
                violation_error_message="同一账户的账目链上一个位置只能有一笔。",
            ),
            models.CheckConstraint(
                name="ledger_transfer_amount_positive",
                condition=Q(amount_fen__gt=0),
                violation_error_message="转账金额必须大于零。",
            ),
            models.CheckConstraint(
                name="ledger_transfer_between_two_accounts",
                condition=~Q(debit=F("credit")),
                violation_error_message="借方与贷方不能是同一账户。",
            ),
            models.CheckConstraint(
                name="ledger_transfer_finishes_a_pending",
                condition=Q(kind__in=["post", "void", "reverse"], pending__isnull=False)
                | Q(kind__in=["single", "pending"], pending__isnull=True),
                violation_error_message="支付和释放必须写明对应的预留，冲回必须写明对应的支付，其他转账没有。",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class LedgerSeal(models.Model):
    """The ends of all chains at one moment, under the installation's key: who rewrites a whole chain breaks the seal."""

    on_date = models.DateField("封存日")
    at = models.DateTimeField("封存时间")
    entries = models.BigIntegerField("账目笔数")
    heads = models.JSONField("各账户链尾", default=dict)  # account code → [length, digest]
    signature = models.CharField("签名", max_length=64)  # HMAC-SM3
    # Each seal is bound to the one before it. 0: made before they were, and bound to none.
    number = models.BigIntegerField("序号", default=0)
    previous = models.CharField("前一次签名", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "账簿封存"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(number__gt=0),
                name="seal_numbered_once",
                violation_error_message="封存的序号不能重复。",
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.entries}"
