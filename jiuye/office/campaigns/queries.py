"""Campaigns of the actor's places, what each comes to by channel and reason, and how its words would read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from jiuye.engine.messages import render
from jiuye.office.campaigns.models import Addressee, Campaign
from jiuye.office.campaigns.operations import OCCASION, values_of
from jiuye.office.messages.content import sending_rules, template_for
from jiuye.office.messages.models import Delivery
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.queries import Actor, require, scope_filter

SAMPLES = 3
OF_PERSON = ExpressionWrapper(Q(person__isnull=False), output_field=BooleanField())


@dataclass(frozen=True, slots=True)
class Tally:
    """A campaign in numbers: everybody on the list, who is told by which channel, and who is not and why."""

    listed: int
    by_sms: int
    by_inbox: int  # everybody who is told finds it in the inbox
    left_out: dict[str, int]
    no_sms: dict[str, int]
    amount_fen: int

    @property
    def employers(self) -> int:
        """Told in the inbox alone, since a text message goes to a resident's number."""
        return self.by_inbox - self.by_sms - sum(self.no_sms.values())


def campaigns(*, actor: Actor) -> QuerySet[Campaign]:
    """Those of the actor's places, the newest first. Raises NotPermittedError."""
    require(actor, "campaigns.see")
    return (
        Campaign.objects.filter(scope_filter(actor, "campaigns.see", "division_code"))
        .select_related("prepared_by", "released_by")
        .order_by("-prepared_at", "-pk")
    )


def one_campaign(*, actor: Actor, campaign_id: int) -> Campaign | None:
    """One of them, or None. Raises NotPermittedError."""
    return campaigns(actor=actor).filter(pk=campaign_id).first()


def tally_of(campaign: Campaign) -> Tally:
    """The numbers of a campaign; for callers who may see it."""
    groups = list(
        campaign.addressees.annotate(of_person=OF_PERSON)
        .values("left_out", "no_sms", "of_person")
        .annotate(number=Count("pk"))
        .order_by("left_out", "no_sms")
    )
    left_out: dict[str, int] = {}
    no_sms: dict[str, int] = {}
    listed = by_sms = by_inbox = 0
    for group in groups:
        number = group["number"]
        listed += number
        if group["left_out"]:
            left_out[group["left_out"]] = left_out.get(group["left_out"], 0) + number
            continue
        by_inbox += number
        if group["no_sms"]:
            no_sms[group["no_sms"]] = no_sms.get(group["no_sms"], 0) + number
        elif group["of_person"]:
            by_sms += number
    told = campaign.addressees.filter(left_out="")
    amount = sum(told.order_by("pk").values_list("amount_fen", flat=True))
    return Tally(listed, by_sms, by_inbox, left_out, no_sms, amount)


def sent_of(campaign: Campaign) -> dict[str, int]:
    """How many text messages of a released campaign stand in each state of delivery; for callers who may see it."""
    rows = (
        Delivery.objects.filter(message__about=f"campaign:{campaign.pk}", channel="sms")
        .values("state")
        .annotate(number=Count("pk"))
        .order_by("state")
    )
    return {row["state"]: row["number"] for row in rows}


def samples_of(campaign: Campaign) -> list[tuple[Addressee, str, str]]:
    """The first few as they would read, names masked: (who, words in Chinese, in English). Raises MessagesUnreadableError."""
    template = template_for(OCCASION)
    if template is None:
        return []
    rows = campaign.addressees.filter(Q(left_out="")).select_related("person", "employer").order_by("pk")
    found = []
    for row in rows[:SAMPLES]:
        name = (
            mask_name(row.person.name)
            if row.person is not None
            else (row.employer.name if row.employer else "")
        )
        values = values_of(row, name=name)
        signature = sending_rules().signature
        found.append(
            (
                row,
                signature + render(template.says, values, "zh"),
                signature + render(template.says_en, values, "en"),
            )
        )
    return found


def needs_second_person(campaign: Campaign) -> bool:
    """True where more are told than the pack lets one person release. Raises MessagesUnreadableError."""
    return campaign.to_tell > sending_rules().second_person_above


def may_release(*, actor: Actor, campaign: Campaign) -> bool:
    """True where this actor may release it now."""
    if campaign.state != "prepared":
        return False
    own = campaign.prepared_by_id == actor.account_id
    if needs_second_person(campaign):
        return not own and actor.may("campaigns.release", campaign.division_code)
    return actor.may("campaigns.prepare" if own else "campaigns.release", campaign.division_code)
