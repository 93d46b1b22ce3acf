"""The interface attacked from its own description: whatever is sent, the answer is one that the description names, and never a fault."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import openapi
from schemathesis.generation import GenerationMode

from jiuye.portals.api.views import api
from tests.portals.api.conftest import NUMBER, Caller

EXAMPLES = 30
LABELS = [
    "GET /api/v1/me",
    "GET /api/v1/plan/{year}",
    "GET /api/v1/registers",
    "GET /api/v1/service-items",
    "GET /api/v1/service-items/{item_id}",
    "POST /api/v1/registers/{register_key}/deliveries",
    "POST /api/v1/residents/statuses",
]


@lru_cache(maxsize=1)
def operations() -> dict:
    """Every operation of the description by its label; it lists what the pack in force has, and is asked for in a test."""
    described = openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    return {found.ok().label: found.ok() for found in described.get_all_operations()}


@pytest.mark.django_db
def test_the_description_lists_every_address():
    assert sorted(operations()) == LABELS


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "not fitting"]
)
def test_nothing_that_is_sent_makes_a_fault(label, mode, system: Caller, person):
    operation = operations()[label]
    named = {int(status) for status in operation.definition.raw["responses"]} | {400, 404, 405}
    raw = operation.definition.raw
    if mode is GenerationMode.NEGATIVE and not (raw.get("parameters") or raw.get("requestBody")):
        pytest.skip("the address takes nothing that could be wrong")
    seen: list[int] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def attacked(case):
        if mode is GenerationMode.POSITIVE:
            _about_somebody(label, case)
        elif case.method == "GET" and _fits(raw, case):
            return  # what is wrong with it lies where this address reads nothing
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
    if mode is GenerationMode.POSITIVE:
        assert 200 in seen, Counter(seen)
    else:
        assert min(seen) >= 400, Counter(seen)


def _fits(raw: dict, case) -> bool:
    """Whether the address itself names what there is."""
    return all(
        str((case.path_parameters or {}).get(one["name"])) in map(str, one["schema"]["enum"])
        for one in raw["parameters"]
        if one["in"] == "path"
    )


def _about_somebody(label: str, case) -> None:
    """What no description can say: who is on record here, and of whom a register speaks. All else stays as it was drawn."""
    if label.endswith("/statuses"):
        case.body["id_number"] = NUMBER
    elif label.endswith("/deliveries"):
        # Facts of her one time, a dated row the next.
        dated = len(case.body["source"]) % 2 == 0
        case.path_parameters["register_key"] = "disability" if dated else "credit"
        case.body |= {
            "entity": "disabled" if dated else "person",
            "as_of": "2024-06-10",
            "rows": [
                {"身份证号": NUMBER, "起始日期": "2023-09-01"}
                if dated
                else {"身份证号": NUMBER, "credit_sound": True, "other_loans": False}
            ],
        }


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
