"""Preparing a campaign (the dry run, kept), releasing it, and giving it up. Nothing is sent from here: `jiuye deliver` sends what was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from jiuye.engine.basis.identity import clean_phone, is_mobile_phone
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.messages import Words
from jiuye.office.campaigns.models import Addressee, Campaign
from jiuye.office.campaigns.states import advance
from jiuye.office.casework.queries.gap import unclaimed
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.queries import policies_with
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.messages.content import sending_rules, template_for
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.operations import write
from jiuye.office.registry.models import Person
from jiuye.office.staff.queries import Actor, NotPermittedError, require

OCCASION = "entitlement_found"
MOST = 10_000  # in one campaign: what one transaction writes


class NothingToTellError(Refusal):
    """The list is empty, or its policy pays nothing."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这份名单里没有可以告知的对象：只告知应享未享、有金额的待遇；请换一项政策或区划。")
        )


class NoTemplateError(Refusal):
    """The pack has no words for it."""

    def __init__(self) -> None:
        super().__init__(
            gettext("规则包里没有“发现应享未享”的消息模板，不能批量告知；请在 messages/ 里补上。")
        )


class TooManyError(Refusal):
    """More than one campaign may hold."""

    def __init__(self, number: int) -> None:
        super().__init__(
            gettext("名单有 %(number)d 个对象，一次最多 %(most)d 个；请按县（市、区）或街道（镇）分开告知。")
            % {"number": number, "most": MOST}
        )


class SecondPersonError(Refusal):
    """Many are told only where a second person has looked."""

    def __init__(self, number: int, most: int, alone: int) -> None:
        words = (
            gettext(
                "这次告知 %(number)d 个对象，加上您近日就同一政策自己放行的 %(alone)d 个，超过 %(most)d 个，要由准备人以外的另一人放行。"
            )
            if alone
            else gettext("这次告知 %(number)d 个对象，超过 %(most)d 个，要由准备人以外的另一人放行。")
        )
        super().__init__(words % {"number": number, "most": most, "alone": alone})


class CampaignNotFoundError(Refusal):
    """There is no such campaign, or it lies outside what the actor may see."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这次批量告知，或者它不在您的管辖范围内。"))


def prepare(
    *, actor: Actor, policy_id: str, division: str = "", fold: bool = False, on: date, at: datetime
) -> Campaign:
    """The dry run of telling those who are entitled under a policy and do not receive: who would be told, and who is left out and why.

    Several entitlements of one person are one message; with `fold`, what else they go without is named in it too. Nothing is written to
    anybody. Raises NotPermittedError, NoTemplateError, NothingToTellError, TooManyError, MessagesUnreadableError.
    """
    where = division or min(actor.scopes("campaigns.prepare"), key=len, default="")
    require(actor, "campaigns.prepare", where)
    template = template_for(OCCASION)
    if template is None:
        raise NoTemplateError
    found = _folded(unclaimed(actor, on=on, division=where).filter(policy_id=policy_id))
    if not found or policy_id not in policies_with("payment"):
        raise NothingToTellError
    if len(found) > MOST:
        raise TooManyError(len(found))
    if fold:
        _add_others(actor, found, where, on)
    rows = list(found.values())
    _leave_out(rows, on)
    with transaction.atomic(), pghistory.context(operation="campaigns.prepare"):
        campaign = Campaign.objects.create(
            policy_id=policy_id,
            division_code=where,
            folded=fold,
            template_id=template.id,
            template_version=template.version,
            to_tell=sum(not row.left_out for row in rows),
            prepared_by_id=actor.account_id,
            prepared_on=on,
            prepared_at=at,
        )
        for row in rows:
            row.campaign = campaign
        Addressee.objects.bulk_create(rows)
    return campaign


def _folded(entitlements: Iterable[Entitlement]) -> dict[tuple[str, int], Addressee]:
    """One addressee a recipient, with all of their entitlements of these."""
    found: dict[tuple[str, int], Addressee] = {}
    for row in entitlements:
        key = (row.recipient_kind, row.person_id if row.recipient_kind == "person" else row.employer_id)
        if key[1] is None or not row.amount_fen:
            continue
        there = found.get(key)
        if there is None:
            found[key] = there = Addressee(
                person=row.person if row.recipient_kind == "person" else None,
                employer=row.employer if row.recipient_kind == "employer" else None,
                division_code=row.division_code,
                policies=[],
                entitlements=[],
                amount_fen=0,
            )
        _add(there, row)
    return found


def _add(there: Addressee, row: Entitlement) -> None:
    if row.policy_id not in there.policies:
        there.policies.append(row.policy_id)
    there.entitlements.append(row.pk)
    there.amount_fen += row.amount_fen or 0


def _add_others(actor: Actor, found: dict[tuple[str, int], Addressee], where: str, on: date) -> None:
    """What else these recipients are entitled to in money and do not receive, into the same message."""
    named = {pk for row in found.values() for pk in row.entitlements}
    others = unclaimed(actor, on=on, division=where).filter(policy_id__in=policies_with("payment"))
    for row in others.exclude(pk__in=named):
        owner = row.person_id if row.recipient_kind == "person" else row.employer_id
        there = found.get((row.recipient_kind, owner or 0))
        if there is not None and row.amount_fen:
            _add(there, row)


def _leave_out(rows: list[Addressee], on: date) -> None:
    """Note who is told nothing and why, and whom no text message reaches: those are told in their inbox alone."""
    people = [row.person_id for row in rows if row.person_id is not None]
    employers = [row.employer_id for row in rows if row.employer_id is not None]
    told = Message.objects.filter(written_on=on, statutory=False).order_by("pk")
    told_people = set(told.filter(person_id__in=people).values_list("person_id", flat=True))
    told_employers = set(told.filter(employer_id__in=employers).values_list("employer_id", flat=True))
    lately = _told_lately(people, employers, on)
    last = dict(
        Delivery.objects.filter(message__person_id__in=people, state__in=["sent", "undeliverable"])
        .order_by("pk")
        .values_list("message__person_id", "reason")
    )
    for row in rows:
        row.left_out = row.no_sms = ""
        if row.person_id is None:
            if row.employer_id in told_employers:
                row.left_out = "told_today"
            elif lately["employer", row.employer_id] >= set(row.policies):
                row.left_out = "told_lately"
            continue
        assert row.person is not None
        if row.person.death_date is not None:
            row.left_out = "deceased"
        elif row.person_id in told_people:
            row.left_out = "told_today"
        elif lately["person", row.person_id] >= set(row.policies):
            row.left_out = "told_lately"
        elif not is_mobile_phone(clean_phone(row.person.phone)):
            row.no_sms = "no_number"
        elif last.get(row.person_id) == "refused":
            row.no_sms = "refused"


def _told_lately(people: list[int], employers: list[int], on: date) -> defaultdict[tuple[str, Any], set[str]]:
    """Of which policies each of them was told by a campaign in the last days of the pack."""
    since = on - timedelta(days=sending_rules().again_after_days)
    told = Addressee.objects.filter(
        Q(person_id__in=people) | Q(employer_id__in=employers),
        campaign__released_on__gt=since,
        message__isnull=False,
    )
    found: defaultdict[tuple[str, Any], set[str]] = defaultdict(set)
    for person_id, employer_id, policies in told.order_by("pk").values_list(
        "person_id", "employer_id", "policies"
    ):
        found["person" if person_id else "employer", person_id or employer_id] |= set(policies)
    return found


@transaction.atomic
def release(*, actor: Actor, campaign_id: int, on: date, at: datetime) -> Campaign:
    """Write the messages of a campaign: whoever was told meanwhile, has died or goes without no more is left out.

    More than the pack's number are released by another person than who prepared it. They are sent by `jiuye deliver`, outside this
    transaction. Raises CampaignNotFoundError, NotPermittedError, WrongCampaignStateError, SecondPersonError, MessagesUnreadableError.
    """
    campaign = _locked(campaign_id)
    campaign.state = advance(campaign.state, "release")
    rows = list(
        campaign.addressees.select_for_update(of=["self"]).select_related("person", "employer").order_by("pk")
    )
    # Two campaigns at once would tell one person twice: their rows are locked until this one is written.
    people = Person.objects.filter(pk__in=[row.person_id for row in rows if row.person_id is not None])
    list(people.select_for_update().order_by("pk").values_list("pk", flat=True))
    _leave_out(rows, on)
    _require_who_may_release(campaign, actor, sum(not row.left_out for row in rows), on)
    named = {pk for row in rows for pk in row.entitlements}
    still = set(
        unclaimed(actor, on=on, permission="campaigns.see").filter(pk__in=named).values_list("pk", flat=True)
    )
    with pghistory.context(operation="campaigns.release"):
        for row in rows:
            if not row.left_out and not still.intersection(row.entitlements):
                row.left_out = "settled"
            if not row.left_out:
                row.message = _tell(campaign, row, on, at)
        Addressee.objects.bulk_update(rows, ["left_out", "no_sms", "message"], batch_size=500)
        campaign.released_by_id, campaign.released_on = actor.account_id, on
        campaign.save(update_fields=["state", "released_by", "released_on"])
    return campaign


def _require_who_may_release(campaign: Campaign, actor: Actor, number: int, on: date) -> None:
    """As it was counted and as it is now: whichever is more decides whether a second person has to look.

    With what the same officer released alone for the same policy in the days that count together: pieces are one.
    """
    rules = sending_rules()
    most, number = rules.second_person_above, max(number, campaign.to_tell)
    own = campaign.prepared_by_id == actor.account_id
    if own:
        alone = Addressee.objects.filter(
            campaign__policy_id=campaign.policy_id,
            campaign__prepared_by_id=actor.account_id,
            campaign__released_by_id=actor.account_id,
            campaign__released_on__gt=on - timedelta(days=rules.again_after_days),
            message__isnull=False,
        ).count()
        if number + alone > most:
            raise SecondPersonError(number, most, alone)
    require(actor, "campaigns.prepare" if own else "campaigns.release", campaign.division_code)


def _tell(campaign: Campaign, row: Addressee, on: date, at: datetime) -> Message | None:
    kind = "person" if row.person_id is not None else "employer"
    return write(
        occasion=OCCASION,
        key=f"campaign:{campaign.pk}:{kind}:{row.person_id or row.employer_id}",
        about=f"campaign:{campaign.pk}",
        recipient_kind=kind,
        person_id=row.person_id,
        employer_id=row.employer_id,
        division_code=row.division_code,
        values=values_of(row, name=_name_of(row)),
        on=on,
        at=at,
        by_sms=not row.no_sms,
    )


def _name_of(row: Addressee) -> str:
    owner = row.person or row.employer
    assert owner is not None  # held by a constraint
    return owner.name


def values_of(row: Addressee, *, name: str) -> dict[str, Words]:
    """The fields of the message, with the name as it is given."""
    pack = rulebook().pack
    known = [pack.policies[policy] for policy in row.policies if policy in pack.policies]
    return {
        "policy": Words(
            "、".join(policy.label for policy in known), ", ".join(policy.label_en for policy in known)
        ),
        "name": Words(name),
        "amount": Words(yuan_text(row.amount_fen)),
    }


@transaction.atomic
def discard(*, actor: Actor, campaign_id: int) -> Campaign:
    """Give a campaign up before it is released. Raises CampaignNotFoundError, NotPermittedError, WrongCampaignStateError."""
    campaign = _locked(campaign_id)
    if not any(
        actor.may(permission, campaign.division_code)
        for permission in ("campaigns.prepare", "campaigns.release")
    ):
        raise NotPermittedError("campaigns.prepare", campaign.division_code)
    campaign.state = advance(campaign.state, "discard")
    with pghistory.context(operation="campaigns.discard"):
        campaign.save(update_fields=["state"])
    return campaign


def _locked(campaign_id: int) -> Campaign:
    campaign = Campaign.objects.select_for_update(of=["self"]).filter(pk=campaign_id).order_by("pk").first()
    if campaign is None:
        raise CampaignNotFoundError
    return campaign
