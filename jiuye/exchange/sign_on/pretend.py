"""A pretend provider on this machine, for demonstrations and tests: it signs with keys of its own and lets in whom it is told to.

    python -m jiuye.exchange.sign_on.pretend 8900 caseworker     # lets everybody in as `caseworker`
    python -m jiuye.exchange.sign_on.pretend 8900 - name=张秀兰 id_number=NUMBER acr=real     # as a resident; a firm's with credit_code=CODE

It checks what a provider checks (redirect address, code used once, PKCE), so that a client that forgets one of these fails here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

TOKEN_SECONDS = 300


@dataclass(slots=True)
class Behaviour:
    """How the provider behaves; a test changes it to see what the client does then."""

    name: str = "caseworker"
    subject: str = "gov-0001"
    refuses: str = ""  # the error that the browser brings back instead of a code
    claims: dict[str, Any] = field(default_factory=dict)  # put over those of the identity token
    foreign_key: bool = False  # signs with a key that it does not publish
    unsigned: bool = False
    ends_sessions: bool = True  # offers an address that ends its own session (RP-Initiated Logout)


class PretendProvider:
    """Runs while it is used as a context. `issuer` is its address."""

    def __init__(self, *, client: str = "jiuye", secret: str = "pretend", port: int = 0) -> None:
        self.client, self.secret = client, secret
        self.behaviour = Behaviour()
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict[str, str]] = {}
        self.fetched: list[str] = []
        self.known: set[str] = (
            set()
        )  # whence its clients came: it sends nobody anywhere else after signing out
        self.left: list[str] = []  # whose sessions were ended
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"of": self}))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> PretendProvider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Answer until the process ends."""
        self._server.serve_forever()

    def change_keys(self) -> None:
        """Sign with a new key, and publish only that, as providers do from time to time."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})

    def description(self) -> dict[str, Any]:
        ending = {"end_session_endpoint": f"{self.issuer}/end"} if self.behaviour.ends_sessions else {}
        return ending | {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }

    def grant(self, asked: dict[str, str]) -> str:
        """Where the browser goes on to: back with a code, or with the error."""
        self.known.add(_origin(asked["redirect_uri"]))
        back = {"state": asked["state"]}
        if self.behaviour.refuses:
            back["error"] = self.behaviour.refuses
        else:
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, asked: dict[str, str], credentials: str) -> tuple[int, dict[str, Any]]:
        """The token for a code, once, to the client that asked, with the verifier of its challenge."""
        kept = self.codes.pop(asked.get("code", ""), None)
        wanted = "Basic " + base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        if credentials != wanted:
            return 401, {"error": "invalid_client"}
        if kept is None or kept["redirect_uri"] != asked.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        if _challenge(asked.get("code_verifier", "")) != kept.get("code_challenge"):
            return 400, {"error": "invalid_grant"}
        now, access = int(time.time()), secrets.token_urlsafe(16)
        claims = {
            "iss": self.issuer, "sub": self.behaviour.subject, "aud": self.client, "iat": now, "exp": now + TOKEN_SECONDS,
            "nonce": kept["nonce"], "preferred_username": self.behaviour.name,
        } | self.behaviour.claims  # fmt: skip
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self._signed(claims)}

    def end(self, asked: dict[str, str]) -> str:
        """End the session that the hint is of; where the browser goes on to, empty where what it brought does not hold."""
        try:
            hint = jwt.decode(asked.get("id_token_hint", ""), self.key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return ""
        back = asked.get("post_logout_redirect_uri", "")
        if (
            hint["aud"] != self.client
            or asked.get("client_id") != self.client
            or _origin(back) not in self.known
        ):
            return ""
        self.left.append(str(hint["sub"]))
        return f"{back}?{urlencode({'state': asked.get('state', '')})}"

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.behaviour.unsigned:
            head, body = ({"alg": "none"}, claims)
            return ".".join(_plain(json.dumps(part).encode()) for part in (head, body)) + "."
        key = RSAKey.generate_key(2048) if self.behaviour.foreign_key else self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid or ""}, claims, key)


class _Handler(BaseHTTPRequestHandler):
    of: PretendProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.of.fetched.append(parts.path)
        if parts.path == "/.well-known/openid-configuration":
            self._say(200, self.of.description())
        elif parts.path == "/keys":
            self._say(200, dict(KeySet([self.of.key]).as_dict(private=False)))
        elif parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.of.grant(_single(parts.query)))
            self.end_headers()
        elif parts.path == "/end" and (onward := self.of.end(_single(parts.query))):
            self.send_response(302)
            self.send_header("Location", onward)
            self.end_headers()
        else:
            self._say(404, {"error": "not_found"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self._say(*self.of.token(_single(body), self.headers.get("Authorization", "")))

    def _say(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written: addresses hold codes."""


def _single(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query).items()}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _challenge(verifier: str) -> str:
    return _plain(hashlib.sha256(verifier.encode()).digest())


def _plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def main() -> None:
    """Serve on the port until the process ends, letting everybody in under the name, with the claims that follow it."""
    provider = PretendProvider(port=int(sys.argv[1]))
    provider.behaviour.name = sys.argv[2]
    provider.behaviour.claims = dict(part.split("=", 1) for part in sys.argv[3:])
    start = "JIUYE_PUBLIC_SIGN_ON" if sys.argv[3:] else "JIUYE_SIGN_ON"
    level = provider.behaviour.claims.get("acr")
    levels = f" {start}_LEVELS={level}" if level else ""
    sys.stdout.write(
        f"{start}_ISSUER={provider.issuer} {start}_CLIENT=jiuye {start}_SECRET=pretend{levels}\n"
    )
    sys.stdout.flush()
    provider.serve()


if __name__ == "__main__":
    main()
