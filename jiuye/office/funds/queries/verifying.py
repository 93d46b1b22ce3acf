"""Is the ledger what was written into it? Balances, chains and seals worked out anew from the entries alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from jiuye.office.funds.chain import entry_digest, seal_signature
from jiuye.office.funds.models import CountyShare, LedgerAccount, LedgerSeal, LedgerTransfer, Reservation
from jiuye.office.funds.queries.balances import find_ledger_faults
from jiuye.office.funds.queries.tallying import tally_faults
from jiuye.office.staff.queries import Actor, require

UNSEALED = timedelta(hours=36)  # a night's seal may be that old before the next one is missed


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and a sentence for each thing that does not agree; none is the only good answer."""

    accounts: int
    entries: int
    seals: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of the trial balance, in fen."""

    code: str
    kind: str
    debits_fen: int
    credits_fen: int
    pending_fen: int

    @property
    def balance_fen(self) -> int:
        """Credits less debits."""
        return self.credits_fen - self.debits_fen


def verify_ledger(*, at: datetime | None = None, kept: str = "") -> Verification:
    """Recompute everything. Reads the whole ledger: for the command line and the night, not for a page.

    `at`: the moment, where a seal is to be as young as the night before; `kept`: the signature of a seal that was kept outside the
    database, which has to be there still.
    """
    faults = [*_chain_faults(), *_seal_faults(), *_balance_faults(), *_share_faults(), *tally_faults()]
    if at is not None:
        faults += _age_faults(at)
    if kept and not LedgerSeal.objects.filter(signature=kept).exists():
        faults.append(
            gettext("另行保管的封存签名 %(kept)s 不在账簿里：封存记录被删除或改动。") % {"kept": kept}
        )
    return Verification(
        accounts=LedgerAccount.objects.count(),
        entries=LedgerTransfer.objects.count(),
        seals=LedgerSeal.objects.count(),
        faults=tuple(faults),
    )


def trial_balance(*, actor: Actor) -> list[TrialRow]:
    """Every account with what was posted on both sides, by code; the two columns have one sum. Raises NotPermittedError."""
    require(actor, "funds.see")
    return [
        TrialRow(
            row.code,
            row.kind,
            row.debits_posted_fen,
            row.credits_posted_fen,
            row.debits_pending_fen + row.credits_pending_fen,
        )
        for row in LedgerAccount.objects.order_by("code")
    ]


def latest_seal(*, actor: Actor) -> LedgerSeal | None:
    """The newest seal, or None before the first. Raises NotPermittedError."""
    require(actor, "funds.see")
    return LedgerSeal.objects.order_by("-pk").first()


def _chain_faults() -> Iterator[str]:
    rows = (
        LedgerTransfer.objects.select_related("debit", "credit", "pending")
        .order_by("debit_id", "position")
        .iterator(chunk_size=2000)
    )
    seen: set[str] = set()
    for code, chain in groupby(rows, key=lambda row: row.debit.code):
        seen.add(code)
        previous, expected, last = "", 1, None
        for row in chain:
            if row.position != expected:
                yield gettext(
                    "账户“%(account)s”的账目链在第 %(place)d 笔处断开（下一笔是第 %(found)d 笔）：有账目被删除或挪动。"
                ) % {"account": code, "place": expected, "found": row.position}
            elif row.previous_digest != previous:
                yield gettext("账目“%(key)s”记的前一笔摘要与前一笔不符：它前面的账目被改动。") % {
                    "key": row.key
                }
            if row.digest != entry_digest(row, row.previous_digest):
                yield gettext("账目“%(key)s”的内容与它的摘要不符：这笔账被改动。") % {"key": row.key}
            previous, expected, last = row.digest, row.position + 1, row
        if last is not None and (last.debit.chain_length, last.debit.chain_head) != (
            last.position,
            last.digest,
        ):
            yield gettext(
                "账户“%(account)s”应有 %(kept)d 笔账目，末笔与记录不符，现有 %(found)d 笔：链尾的账目被删除或添加。"
            ) % {
                "account": code,
                "kept": last.debit.chain_length,
                "found": last.position,
            }
    for account in LedgerAccount.objects.filter(chain_length__gt=0).exclude(code__in=seen).order_by("code"):
        yield gettext("账户“%(account)s”应有 %(kept)d 笔账目，一笔也没有：全部被删除。") % {
            "account": account.code,
            "kept": account.chain_length,
        }


def _age_faults(at: datetime) -> Iterator[str]:
    """Entries older than a night are sealed, and the night has sealed since."""
    limit = at - UNSEALED
    if not LedgerTransfer.objects.filter(at__lt=limit).exists():
        return
    last = LedgerSeal.objects.order_by("-pk").first()
    if last is None:
        yield gettext("账簿有账目而没有封存：封存被删除，或每晚的封存没有运行。")
    elif last.at < limit:
        yield gettext(
            "最后一次封存在 %(seal)s（UTC），早于前一晚：后来的封存被删除，或每晚的封存没有运行。"
        ) % {"seal": f"{last.at.astimezone(UTC):%Y-%m-%d %H:%M}"}


def _seal_faults() -> Iterator[str]:
    before: LedgerSeal | None = None
    for seal in LedgerSeal.objects.order_by("pk"):
        moment = seal.at.astimezone(UTC)
        name = f"{moment:%Y-%m-%d %H:%M}"
        last = (before.number, before.signature) if before is not None else (0, "")
        if (seal.number or last[0]) and (seal.number, seal.previous) != (last[0] + 1, last[1]):
            yield gettext("%(seal)s（UTC）的封存与前一次不相连：有封存被删除或添加。") % {"seal": name}
        before = seal
        if seal.signature != seal_signature(
            seal.on_date.isoformat(), moment.isoformat(), seal.entries, seal.heads, seal.number, seal.previous
        ):
            yield gettext("%(seal)s（UTC）的封存签名不符：封存记录被改动，或密钥不是封存时的。") % {
                "seal": name
            }
            continue
        for code, (length, digest) in sorted(seal.heads.items()):
            there = LedgerTransfer.objects.filter(debit__code=code, position=length, digest=digest)
            if not there.exists():
                yield gettext(
                    "账户“%(account)s”的第 %(place)d 笔账目与 %(seal)s（UTC）封存时不同：封存以前的账目被改写。"
                ) % {"account": code, "place": length, "seal": name}


def _share_faults() -> Iterator[str]:
    """A county's share counts what its reservations hold or were paid, and nothing else."""
    held = Reservation.objects.filter(
        budget=OuterRef("budget"), county_code=OuterRef("county_code"), state__in=["held", "spent"]
    )
    sums = held.order_by().values("budget").annotate(sum=Sum("amount_fen")).values("sum")
    for share in (
        CountyShare.objects.select_related("budget__fund")
        .annotate(found_fen=Coalesce(Subquery(sums), 0, output_field=BigIntegerField()))
        .exclude(drawn_fen=F("found_fen"))
        .order_by("pk")
    ):
        yield gettext(
            "“%(share)s”的份额记着已预留和支付 %(kept)d 分，按各笔预留重算是 %(found)d 分：份额被改动。"
        ) % {
            "share": share,
            "kept": share.drawn_fen,
            "found": share.found_fen,
        }


def _balance_faults() -> Iterator[str]:
    yield from find_ledger_faults()
    rows = list(LedgerAccount.objects.order_by("code"))
    debits, credits = sum(row.debits_posted_fen for row in rows), sum(row.credits_posted_fen for row in rows)
    if debits != credits:
        yield gettext("试算不平衡：借方合计 %(debits)d 分，贷方合计 %(credits)d 分。") % {
            "debits": debits,
            "credits": credits,
        }
