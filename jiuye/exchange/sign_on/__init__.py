"""The government's single sign-on by OpenID Connect: the protocol, a provider reached by HTTP, and a pretend one."""

from __future__ import annotations

from jiuye.exchange.sign_on.protocol import (
    Asked,
    Leaving,
    LevelsNotNamedError,
    LevelTooLowError,
    ProviderUnreachableError,
    SignedOn,
    SignOn,
    SignOnError,
    SignOnRefusedError,
    SignOnUntrustedError,
)
from jiuye.exchange.sign_on.provider import OpenIdProvider, UnsafeIssuerError

__all__ = [
    "Asked",
    "Leaving",
    "LevelTooLowError",
    "LevelsNotNamedError",
    "OpenIdProvider",
    "ProviderUnreachableError",
    "SignOn",
    "SignOnError",
    "SignOnRefusedError",
    "SignOnUntrustedError",
    "SignedOn",
    "UnsafeIssuerError",
]
