"""The pretend gateway sends a key once and forgets nothing; the HTTP one tells what may be tried again from what may not."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jiuye.exchange.sms import (
    GatewayUnreachableError,
    HttpGateway,
    PretendGateway,
    Sms,
    SmsAlteredError,
    SmsRefusedError,
    UnknownGatewayError,
    open_gateway,
)

HELLO = Sms("k-1", "13800000000", "【扬州就业】已受理。")


@pytest.fixture
def pretend(tmp_path) -> PretendGateway:
    return PretendGateway(tmp_path / "sms" / "pretend.sqlite3")


def test_a_key_handed_over_twice_is_sent_once_with_the_same_receipt(pretend):
    first = pretend.send(HELLO)
    assert PretendGateway(pretend.path).send(HELLO) == first
    assert [(row.key, row.handed_over) for row in pretend.sent()] == [("k-1", 2)]


def test_a_known_key_with_other_words_is_not_sent(pretend):
    pretend.send(HELLO)
    with pytest.raises(SmsAlteredError):
        pretend.send(Sms("k-1", HELLO.to, "别的话"))
    assert len(pretend.sent()) == 1


def test_a_number_out_of_service_is_refused_and_the_file_holds_neither_number_nor_text(pretend):
    with pytest.raises(SmsRefusedError):
        pretend.send(Sms("k-2", "13800004040", "x"))
    pretend.send(HELLO)
    stored = b"".join(path.read_bytes() for path in pretend.path.parent.iterdir())
    assert b"13800000000" not in stored
    assert "已受理".encode() not in stored


class _Answering(BaseHTTPRequestHandler):
    status, body = 200, b"{}"
    seen: list[tuple[str, str, dict]] = []

    def do_POST(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.headers["Idempotency-Key"], self.headers["Authorization"], content))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args):
        """A test prints nothing."""


@pytest.fixture
def answering(monkeypatch):
    """A gateway on this machine whose answer a test sets."""
    monkeypatch.setattr(_Answering, "seen", [])
    server = HTTPServer(("127.0.0.1", 0), _Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def answer(status: int, body: bytes) -> HttpGateway:
        monkeypatch.setattr(_Answering, "status", status)
        monkeypatch.setattr(_Answering, "body", body)
        return HttpGateway(f"http://127.0.0.1:{server.server_port}/send", token="t")

    yield answer
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_http_gateway_is_told_key_number_and_text_and_gives_its_reference(answering):
    assert answering(200, b'{"reference": "R-7"}').send(HELLO).reference == "R-7"
    sent = {"key": "k-1", "to": HELLO.to, "text": HELLO.text}
    assert _Answering.seen == [("k-1", "Bearer t", sent)]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (409, b"{}", SmsAlteredError),
        (422, b'{"code": "BAD_NUMBER"}', SmsRefusedError),
        (401, b"{}", GatewayUnreachableError),
        (429, b"{}", GatewayUnreachableError),
        (500, b"oops", GatewayUnreachableError),
        (302, b"", GatewayUnreachableError),
        (200, b"no json", GatewayUnreachableError),
    ],
)
def test_what_may_be_tried_again_is_told_from_what_may_not(answering, status, body, error):
    with pytest.raises(error):
        answering(status, body).send(HELLO)


def test_nobody_there_is_unreachable_and_the_sentence_names_no_address():
    with pytest.raises(GatewayUnreachableError) as caught:
        HttpGateway("http://127.0.0.1:9/send?secret=1").send(HELLO)
    assert "secret" not in str(caught.value)


def test_an_unknown_kind_and_an_http_gateway_without_address_are_refused(tmp_path):
    for kind in ("pigeon", "http"):
        with pytest.raises(UnknownGatewayError):
            open_gateway(kind, folder=tmp_path)
