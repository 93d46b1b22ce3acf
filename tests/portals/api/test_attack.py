"""The interface attacked from its own description: whatever is sent, the answer is one that the description names, and never a fault."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import openapi
from schemathesis.generation import GenerationMode

from jiuye.portals.api.views import api
from tests.portals.api.conftest import Caller

EXAMPLES = 30
DESCRIPTION = openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
OPERATIONS = {found.ok().label: found.ok() for found in DESCRIPTION.get_all_operations()}


def test_the_description_lists_every_address():
    assert sorted(OPERATIONS) == [
        "GET /api/v1/me",
        "GET /api/v1/plan/{year}",
        "GET /api/v1/registers",
        "GET /api/v1/service-items",
        "GET /api/v1/service-items/{item_id}",
        "POST /api/v1/registers/{register_key}/deliveries",
        "POST /api/v1/residents/statuses",
    ]


@pytest.mark.parametrize("label", sorted(OPERATIONS))
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "not fitting"]
)
def test_nothing_that_is_sent_makes_a_fault(label, mode, system: Caller, person):
    operation = OPERATIONS[label]
    named = {int(status) for status in operation.definition.raw["responses"]} | {400, 404, 405}
    if mode is GenerationMode.NEGATIVE and not (
        operation.body or operation.path_parameters or operation.headers
    ):
        pytest.skip("the address takes nothing that could be wrong")
    seen: list[int] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def attacked(case):
        path = case.formatted_path.removeprefix("/api/v1")
        headers = {
            name: str(value)
            for name, value in (case.headers or {}).items()
            if name.lower() != "authorization"
        }
        try:
            answer = (
                system.post(path, _body(case.body), **headers)
                if case.method == "POST"
                else system.get(path, **headers)
            )
        except UnicodeError:
            return  # no client can put this on the wire
        seen.append(answer.status_code)
        assert answer.status_code in named, (answer.status_code, answer.content[:300])
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json", answer.content[:300]

    attacked()
    assert seen


def _body(body):
    return body if isinstance(body, bytes | dict | list | str | int | float | bool) else b""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"entity": "person"',
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"rows": 1e400}',
    ],
    ids=[
        "empty",
        "half",
        "not utf-8",
        "a list",
        "null",
        "cut off",
        "deep braces",
        "deep brackets",
        "beyond numbers",
    ],
)
def test_what_is_no_request_at_all_is_refused_in_words(system, person, body):
    answer = system.post("/registers/credit/deliveries", body, **{"Idempotency-Key": "zx-00000009"})
    assert answer.status_code in (400, 422)
    assert answer.json()["title"]
