"""Single sign-on against a provider that checks what providers check: whom it vouches for is taken, everything else is not."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from jiuye.exchange.sign_on import (
    OpenIdProvider,
    ProviderUnreachableError,
    SignedOn,
    SignOnRefusedError,
    SignOnUntrustedError,
    UnsafeIssuerError,
)
from jiuye.exchange.sign_on.pretend import PretendProvider

BACK = "https://jiuye.example.gov.cn/login/government/back/"


@pytest.fixture
def government():
    with PretendProvider() as running:
        yield running


def client_of(government: PretendProvider, **other) -> OpenIdProvider:
    return OpenIdProvider(government.issuer, client="jiuye", secret="pretend", **other)


def brought(address: str) -> dict[str, str]:
    """What the browser brings back, having followed the address."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def signed_on(government: PretendProvider, client: OpenIdProvider | None = None) -> SignedOn:
    client = client or client_of(government)
    asked = client.ask(back=BACK)
    return client.answer(asked, back=BACK, code=brought(asked.address)["code"])


def test_whom_the_provider_vouches_for_is_known_by_number_and_name(government):
    assert signed_on(government) == SignedOn(government.issuer, "gov-0001", "caseworker")


def test_the_question_carries_what_nobody_else_knows(government):
    client = client_of(government)
    one, other = client.ask(back=BACK), client.ask(back=BACK)
    assert len({one.state, one.nonce, one.verifier, other.state, other.nonce, other.verifier}) == 6
    sent = parse_qs(urlsplit(one.address).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert one.verifier not in one.address
    assert brought(one.address)["state"] == one.state


def test_a_code_is_taken_once_and_only_with_the_verifier_of_its_question(government):
    client = client_of(government)
    asked, other = client.ask(back=BACK), client.ask(back=BACK)
    code = brought(asked.address)["code"]
    with pytest.raises(SignOnRefusedError, match="invalid_grant"):
        client.answer(other, back=BACK, code=code)
    with pytest.raises(SignOnRefusedError, match="invalid_grant"):
        client.answer(asked, back=BACK, code=code)


def test_an_identity_asked_for_by_another_browser_is_not_taken(government):
    government.behaviour.claims = {"nonce": "of another question"}
    with pytest.raises(SignOnUntrustedError, match="nonce"):
        signed_on(government)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"aud": "another-system"},
        {"exp": int(time.time()) - 3600},
        {"azp": "another-system"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"preferred_username": " "},
        {"preferred_username": 7},
    ],
    ids=lambda claims: "-".join(claims),
)
def test_a_token_that_does_not_speak_of_us_now_is_not_taken(government, claims):
    government.behaviour.claims = claims
    with pytest.raises(SignOnUntrustedError):
        signed_on(government)


@pytest.mark.parametrize("flaw", ["foreign_key", "unsigned"])
def test_a_token_that_the_provider_did_not_sign_is_not_taken(government, flaw):
    setattr(government.behaviour, flaw, True)
    with pytest.raises(SignOnUntrustedError):
        signed_on(government)


def test_keys_that_the_provider_has_changed_are_fetched_again(government):
    client = client_of(government)
    signed_on(government, client)
    government.change_keys()
    assert signed_on(government, client).name == "caseworker"
    assert government.fetched.count("/keys") == 2
    assert government.fetched.count("/.well-known/openid-configuration") == 1


def test_a_wrong_secret_is_refused_by_the_provider(government):
    client = OpenIdProvider(government.issuer, client="jiuye", secret="another")
    with pytest.raises(SignOnRefusedError, match="invalid_client"):
        signed_on(government, client)


def test_a_provider_that_is_away_is_said_to_be_away():
    with PretendProvider() as gone:
        address = gone.issuer
    with pytest.raises(ProviderUnreachableError):
        OpenIdProvider(address, client="jiuye").ask(back=BACK)


def test_an_issuer_reached_in_the_clear_is_refused():
    with pytest.raises(UnsafeIssuerError, match="https"):
        OpenIdProvider("http://sso.example.gov.cn", client="jiuye")


def test_a_description_of_another_issuer_is_not_followed(government, monkeypatch):
    monkeypatch.setattr(
        government, "description", lambda: PretendProvider.description(government) | {"issuer": "https://x"}
    )
    with pytest.raises(ProviderUnreachableError):
        client_of(government).ask(back=BACK)


OUT = "https://jiuye.example.gov.cn/logout/government/back/"


def left(address: str) -> requests.Response:
    return requests.get(address, allow_redirects=False, timeout=5)


def test_a_session_there_is_ended_by_its_own_token_and_the_state_comes_back(government):
    client = client_of(government)
    who = signed_on(government, client)
    leaving = client.leave(token=who.token, back=OUT)
    assert leaving is not None
    answer = left(leaving.address)
    assert answer.headers["Location"] == f"{OUT}?state={leaving.state}"
    assert government.left == ["gov-0001"]
    again = client.leave(token=who.token, back=OUT)
    assert again is not None
    assert again.state != leaving.state


def test_the_provider_sends_nobody_on_where_the_token_or_the_address_is_not_its_clients(government):
    client = client_of(government)
    who = signed_on(government, client)
    for token, back in (("of.somebody.else", OUT), (who.token, "https://evil.example/")):
        leaving = client.leave(token=token, back=back)
        assert leaving is not None
        assert left(leaving.address).status_code == 404
    assert not government.left


def test_a_provider_that_names_no_such_address_ends_no_session(government):
    government.behaviour.ends_sessions = False
    assert client_of(government).leave(token="any", back=OUT) is None


def test_a_token_is_never_sent_in_the_clear(government, monkeypatch):
    described = PretendProvider.description(government) | {
        "end_session_endpoint": "http://sso.example.gov.cn/end"
    }
    monkeypatch.setattr(government, "description", lambda: described)
    with pytest.raises(SignOnUntrustedError):
        client_of(government).leave(token="any", back=OUT)


def test_what_an_address_asks_already_is_kept(government, monkeypatch):
    described = PretendProvider.description(government) | {
        "end_session_endpoint": f"{government.issuer}/end?realm=city"
    }
    monkeypatch.setattr(government, "description", lambda: described)
    leaving = client_of(government).leave(token="any", back=OUT)
    assert leaving is not None
    assert parse_qs(urlsplit(leaving.address).query)["realm"] == ["city"]
