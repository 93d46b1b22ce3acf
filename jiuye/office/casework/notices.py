"""The archive of public notices: what was shown is kept with its digest when it is put up, and closed when it is taken down.

Each proof is signed under the installation's key, so that content rewritten together with its digest is noticed (`jiuye ledger verify`); the
event that began the notice names its digest, so that a proof that is gone is noticed too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from jiuye.office.casework.models import CaseEvent, NoticeProof
from jiuye.office.funds.chain import signed

NAMED = "notice"  # under which the event that began a notice names the digest of its proof


def digest_of(shown: dict[str, Any]) -> str:
    """SHA-256 of exactly what was shown: JSON in UTF-8, keys sorted, no blanks, dates as text."""
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def put_up(
    *,
    about: str,
    number: str,
    division_code: str,
    shown: dict[str, Any],
    first_day: date,
    until: date,
    at: datetime,
) -> NoticeProof:
    """Keep the proof of a notice, in the transaction of the act that begins it. `until` is the first day after it."""
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in shown.items()}
    proof = NoticeProof(
        about=about,
        number=number,
        division_code=division_code,
        shown=plain,
        digest=digest_of(plain),
        first_day=first_day,
        until=until,
        put_up_at=at,
    )
    proof.signature = proof_signature(proof)
    proof.save(force_insert=True)
    return proof


def proof_signature(proof: Any) -> str:
    """HMAC-SM3 over what was shown, of whom, where and from when to when."""
    at = proof.put_up_at.astimezone(UTC)
    parts = (
        proof.about,
        proof.number,
        proof.division_code,
        proof.digest,
        proof.first_day.isoformat(),
        proof.until.isoformat(),
        f"{at:%Y-%m-%dT%H:%M:%S.%f}",
    )
    return signed(b"jiuye notice proof", parts)


def notice_faults() -> Iterator[str]:
    """A sentence for each proof that is not what was put up. Reads them all: for the command line."""
    for proof in NoticeProof.objects.order_by("pk").iterator(chunk_size=500):
        if not is_sound(proof):
            yield gettext("“%(number)s”（%(day)s 起）的公示存证与它的指纹或签名不符：内容被改动。") % {
                "number": proof.number,
                "day": proof.first_day.isoformat(),
            }


@dataclass(frozen=True, slots=True)
class Named:
    """A notice as an event that never changes names it: whose, its number, when it was put up, and the digest of its proof; an empty digest
    where the event is older than that.
    """

    about: str
    number: str
    at: datetime
    digest: str


def missing_proofs(named: Iterable[Named]) -> Iterator[str]:
    """A sentence for each notice whose proof is gone, or is another one. Reads them all: for the command line."""
    rows = NoticeProof.objects.order_by("put_up_at", "pk").values_list("about", "put_up_at", "digest")
    there = {(about, at): digest for about, at, digest in rows.iterator(chunk_size=2000)}
    first = min((at for _, at in there), default=None)
    for one in named:
        digest = there.get((one.about, one.at))
        if not one.digest and (digest is not None or first is None or one.at < first):
            continue  # from before notices were kept at all
        if digest is None or (one.digest and one.digest != digest):
            moment = f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            yield gettext(
                "“%(number)s”（%(moment)s 公示）的公示存证不见了，或者换成了别的；办理记录说有这次公示。"
            ) % {
                "number": one.number,
                "moment": moment,
            }


def notices_named() -> Iterator[Named]:
    """Every notice that the timeline of a case names."""
    found = CaseEvent.objects.filter(act="publicise").select_related("case").order_by("pk")
    for event in found.iterator(chunk_size=500):
        yield Named(event.case.claim_key, event.case.number, event.at, event.details.get(NAMED, ""))


def take_down(*, about: str, objections: int, on: date) -> None:
    """Close the notice of what leaves its days of publicity: on its last day at the latest, else on the day it is taken down."""
    for proof in NoticeProof.objects.filter(about=about, taken_down_on__isnull=True).order_by("pk"):
        proof.taken_down_on = min(on, proof.until)
        proof.objections = objections
        proof.save(update_fields=["taken_down_on", "objections"])


def proofs_of(about: str) -> QuerySet[NoticeProof]:
    """Every notice of one thing, the first in front."""
    return NoticeProof.objects.filter(about=about).order_by("pk")


def is_sound(proof: NoticeProof) -> bool:
    """True where what is kept is still what the digest was made of, and the digest what was signed."""
    return digest_of(proof.shown) == proof.digest and hmac.compare_digest(
        proof.signature, proof_signature(proof)
    )
