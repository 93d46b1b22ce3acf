"""The SMS gateway of this installation, as the settings name it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from jiuye.exchange.sms import SmsGateway, open_gateway


def installed_gateway() -> SmsGateway:
    """`SMS_KIND` is `pretend` or `http`. Keys are random, so that one pretend gateway serves every database. Raises UnknownGatewayError."""
    return open_gateway(
        settings.SMS_KIND, folder=Path(settings.SMS_FOLDER), url=settings.SMS_URL, token=settings.SMS_TOKEN
    )
