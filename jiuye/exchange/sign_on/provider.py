"""A provider of OpenID Connect: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9700).

authlib speaks the protocol and checks the claims, joserfc the signature. Only signatures with the provider's own public keys are
taken: never `none`, never one made with a shared secret.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from jiuye.exchange.sign_on.protocol import (
    Asked,
    Leaving,
    LevelTooLowError,
    ProviderUnreachableError,
    SignedOn,
    SignOnRefusedError,
    SignOnUntrustedError,
)

TIMEOUT_SECONDS = (5, 15)  # to connect, to answer
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KEPT_SECONDS = 3600  # how long the provider's description and keys are taken as they were
LEEWAY_SECONDS = 60  # clocks of two machines are never the same
DISCOVERY = "/.well-known/openid-configuration"
HERE = ("127.0.0.1", "localhost", "::1")


class UnsafeIssuerError(ValueError):
    """Identities that travel in the clear could be anybody's."""

    def __init__(self, issuer: str) -> None:
        super().__init__(
            f"统一身份认证的地址“{issuer}”不是 https；请在 JIUYE_SIGN_ON_ISSUER 写 https 地址。 "
            f"The issuer '{issuer}' is not reached by https; give an https address in JIUYE_SIGN_ON_ISSUER."
        )


class OpenIdProvider:
    """`issuer` as the provider writes it, `client` and `secret` as it gave them to us; `claim` names the log-in name, and where it is empty
    none is asked for. `vouched` names further claims by our names; `levels` are the values of the claim `level` that are taken (all,
    where none are named).
    """

    def __init__(
        self,
        issuer: str,
        *,
        client: str,
        secret: str = "",
        claim: str = "preferred_username",
        scope: str = "openid profile",
        vouched: Mapping[str, str] | None = None,
        level: str = "acr",
        levels: tuple[str, ...] = (),
    ) -> None:
        if not _is_safe(issuer):
            raise UnsafeIssuerError(issuer)
        self.issuer, self.client, self._secret, self.claim = issuer, client, secret, claim
        self._scope, self._vouched = scope, dict(vouched or {})
        self._level, self._levels = level, levels
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def ask(self, *, back: str) -> Asked:
        """Where to send the browser, with a state, a nonce and a verifier of this one question."""
        address = self._described("authorization_endpoint")
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with self._session(back) as session:
            asked = {"acr_values": " ".join(self._levels)} if self._levels else {}
            url, state = session.create_authorization_url(
                address, nonce=nonce, code_verifier=verifier, **asked
            )
        return Asked(url, state, nonce, verifier)

    def answer(self, asked: Asked, *, back: str, code: str) -> SignedOn:
        """The code for a token, and of the token whom it vouches for."""
        address = self._described("token_endpoint")
        try:
            with self._session(back) as session:
                token = session.fetch_token(
                    address, code=code, code_verifier=asked.verifier, timeout=TIMEOUT_SECONDS
                )
        except AuthlibBaseError as error:
            raise SignOnRefusedError(str(error.error)[:60]) from error
        except (requests.RequestException, ValueError) as error:
            # Its text may hold the address with the code in it; the class says enough.
            raise ProviderUnreachableError(type(error).__name__) from error
        claims = self._claims(token, asked.nonce)
        name = claims.get(self.claim) if self.claim else "-"
        if not isinstance(name, str) or not name.strip():
            raise SignOnUntrustedError(f"{self.claim} ?")
        level = claims.get(self._level)
        if self._levels and level not in self._levels:
            raise LevelTooLowError(str(level or "")[:40])
        found = {ours: str(claims.get(theirs) or "").strip() for ours, theirs in self._vouched.items()}
        vouched = {ours: text for ours, text in found.items() if text}
        return SignedOn(self.issuer, str(claims["sub"]), name.strip(), str(token["id_token"]), vouched)

    def leave(self, *, token: str, back: str) -> Leaving | None:
        """OpenID Connect RP-Initiated Logout 1.0: with the token as the hint, and a state of this one question."""
        found = self._description().get("end_session_endpoint")
        if found is None:
            return None
        if not isinstance(found, str) or not _is_safe(found):
            raise SignOnUntrustedError("end_session_endpoint ?")
        state = secrets.token_urlsafe(24)
        asked = {
            "id_token_hint": token,
            "client_id": self.client,
            "post_logout_redirect_uri": back,
            "state": state,
        }
        parts = urlsplit(found)
        query = "&".join(filter(None, (parts.query, urlencode(asked))))
        return Leaving(urlunsplit(parts._replace(query=query, fragment="")), state)

    def _session(self, back: str) -> OAuth2Session:
        return OAuth2Session(
            self.client, self._secret, scope=self._scope, redirect_uri=back, code_challenge_method="S256"
        )

    def _claims(self, token: dict[str, Any], nonce: str) -> CodeIDToken:
        """The claims of the identity token, when everything about it holds. Raises SignOnUntrustedError."""
        written = token.get("id_token")
        if not isinstance(written, str):
            raise SignOnUntrustedError("id_token ?")
        try:
            signed = self._read(written)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.client},
                },
                params={"nonce": nonce, "client_id": self.client, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise SignOnUntrustedError(_short(error)) from error
        return claims

    def _read(self, written: str) -> jwt.Token:
        """The token read with the provider's keys; where none fits, with its keys of this moment: it may have changed them."""
        address = self._described("jwks_uri")
        try:
            return jwt.decode(written, self._keys(address), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            with self._lock:
                self._kept.pop(address, None)
            return jwt.decode(written, self._keys(address), algorithms=ALGORITHMS)

    def _keys(self, address: str) -> KeySet:
        return KeySet.import_key_set(cast("KeySetSerialization", self._fetched(address)))

    def _described(self, name: str) -> str:
        """One address of the provider's description. Raises ProviderUnreachableError where it is not there."""
        found = self._description().get(name)
        if not isinstance(found, str):
            raise ProviderUnreachableError(f"{name} ?")
        return found

    def _description(self) -> dict[str, Any]:
        """How the provider describes itself. Raises ProviderUnreachableError where it describes somebody else."""
        described = self._fetched(self.issuer.rstrip("/") + DISCOVERY)
        if described.get("issuer") != self.issuer:
            raise ProviderUnreachableError("issuer ?")
        return described

    def _fetched(self, address: str) -> dict[str, Any]:
        with self._lock:
            at, found = self._kept.get(address, (0.0, {}))
        if found and time.monotonic() - at < KEPT_SECONDS:
            return found
        try:
            answer = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise ProviderUnreachableError(type(error).__name__) from error
        if not isinstance(found, dict) or not found:
            raise ProviderUnreachableError("JSON ?")
        with self._lock:
            self._kept[address] = (time.monotonic(), found)
        return found


def _is_safe(address: str) -> bool:
    """By https, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)


def _short(error: Exception) -> str:
    """The kind of the error and the claim it is about, without what the token holds."""
    claim = getattr(error, "claim", "")
    return f"{getattr(error, 'error', type(error).__name__)} {claim}".strip()
