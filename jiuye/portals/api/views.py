"""The addresses of the interface: each makes one domain call and puts the answer into its shape.

Annotations are real here (no `from __future__ import annotations`): the library reads them behind our decorators.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Header, NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from jiuye.engine.registers import Register, load_registers
from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.delivering import acceptable, acceptable_rows, columns_of, deliver_rows
from jiuye.office.matters.content import item_of, service_items
from jiuye.office.partners.operations import answered_once
from jiuye.office.partners.queries import require_register
from jiuye.office.registry.queries import last_deliveries
from jiuye.office.registry.rows.kinds import Column
from jiuye.office.registry.states import STATUS_KINDS
from jiuye.office.registry.verifying import verify_statuses
from jiuye.office.targets.queries import plan_on
from jiuye.office.targets.rooms import plan_room
from jiuye.office.targets.sample import WHOLE, demonstration_sample
from jiuye.portals.api import shapes
from jiuye.portals.api.guard import Key, caller, counting, reading, writing
from jiuye.portals.api.refusals import BodyParser, listen
from jiuye.portals.common.actors import now, office_date


class DescribedApi(NinjaAPI):
    """An interface whose description names what the pack has: which registers, which service items, which years."""

    def get_openapi_schema(self, **named: Any) -> OpenAPISchema:
        """The description, each part of an address that the pack decides as a list of what there is."""
        schema = super().get_openapi_schema(**named)
        pack = Path(settings.PACK)
        there: dict[str, list[Any]] = {
            "register_key": sorted(load_registers(pack / "registers.yaml")[0]),
            "item_id": sorted(service_items().items),
            "year": sorted(plan_room(pack).plan.years),
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                for parameter in operation.get("parameters", ()):
                    if parameter["name"] in there:
                        parameter["schema"]["enum"] = there[parameter["name"]]
        question = schema["components"]["schemas"]["StatusQuestion"]["properties"]
        question["kinds"]["items"]["enum"] = sorted(STATUS_KINDS)
        return schema


api = DescribedApi(
    title="Jiuye",
    version="1.0.0",
    description="Between other departments' systems and the city's employment system. Refusals are in Chinese, or in English with Accept-Language: en.",
    docs_url=None,  # its page would load scripts from elsewhere; the description itself is at /api/v1/openapi.json
    auth=Key(),
    parser=BodyParser(),
    urls_namespace="api",
)
listen(api)

REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 422), shapes.Problem)


def answers(shape: Any, *more: int) -> dict[int, Any]:
    """The shapes that an address answers with, refusals included."""
    return {200: shape, **REFUSALS, **dict.fromkeys(more, shapes.Problem)}


@api.get("/me", response=answers(shapes.Me), summary="Whose key this is")
@reading
def me(request: HttpRequest) -> dict[str, Any]:
    key = request.auth
    return {
        "account": caller(request).name,
        "purpose": key.purpose,
        "start": key.start,
        "until": key.until,
        "registers": key.registers,
        "divisions": caller(request).scopes("api.call"),
    }


@api.get(
    "/registers",
    response=answers(list[shapes.AcceptedRegister]),
    summary="What the key may deliver",
)
@reading
def registers(request: HttpRequest) -> list[dict[str, Any]]:
    known, _problems = load_registers(Path(settings.PACK) / "registers.yaml")
    last, own = last_deliveries(), set(request.auth.registers)
    found = [
        _register(known[key], entity, last, columns_of(entity), facts=facts)
        for (key, entity), facts in acceptable().items()
        if key in known and key in own
    ]
    rows = [
        _register(known[key], entity, last, kind.whose, columns=kind.columns)
        for (key, entity), kind in acceptable_rows().items()
        if key in known and key in own
    ]
    return sorted(found + rows, key=lambda one: (one["register_key"], one["entity"]))


def _register(
    register: Register,
    entity: str,
    last: Mapping[tuple[str, str], date],
    whose: list[str],
    *,
    facts: Mapping[str, Fact] | None = None,
    columns: Sequence[Column] = (),
) -> dict[str, Any]:
    return {
        "register_key": register.key,
        "entity": entity,
        "name": register.name,
        "department": register.department,
        "every": register.every,
        "subject_columns": whose,
        "facts": [
            {"name": name, "label": fact.label, "type": str(fact.type.zh)}
            for name, fact in (facts or {}).items()
        ],
        "columns": [
            {
                "label": column.label,
                "required": column.required,
                "reads": column.reads,
                "choices": list((column.choices or {}).values()),
            }
            for column in columns
        ],
        "last_as_of": last.get((register.key, entity)),
    }


@api.post(
    "/registers/{register_key}/deliveries",
    response=answers(shapes.Delivered, 404, 409),
    summary="Deliver a batch: taken in whole or not at all",
)
@writing
def deliver(
    request: HttpRequest,
    register_key: str,
    payload: shapes.Delivery,
    idempotency_key: str = Header(min_length=8, max_length=80, pattern=r"^[A-Za-z0-9._:-]+$"),
) -> dict[str, Any]:
    at, on = now(), office_date()
    require_register(request.auth, register_key)

    def act() -> dict[str, Any]:
        taken = deliver_rows(
            actor=caller(request),
            register=register_key,
            entity=payload.entity,
            rows=[{word: _text(cell) for word, cell in row.items()} for row in payload.rows],
            as_of=payload.as_of,
            source=payload.source,
            on=on,
            at=at,
            complete=payload.complete,
        )
        return {"delivery": taken.pk, "rows": taken.row_count, "as_of": taken.as_of.isoformat()}

    answer, repeated = answered_once(
        key=request.auth,
        path=request.path[:200],
        idempotency_key=idempotency_key,
        body=request.body,
        at=at,
        act=act,
    )
    return {**answer, "repeated": repeated}


@api.post(
    "/residents/statuses",
    response=answers(shapes.StatusAnswer, 404),
    summary="Verify a resident's statuses (recorded)",
)
@writing
def statuses(request: HttpRequest, payload: shapes.StatusQuestion) -> dict[str, Any]:
    on = office_date()
    held = verify_statuses(
        actor=caller(request),
        id_number=payload.id_number,
        kinds=payload.kinds,
        purpose=_("接口核验：%(purpose)s") % {"purpose": payload.purpose},
        on=on,
        at=now(),
    )
    return {
        "on": on,
        "held": [
            {
                "kind": row.kind,
                "name": row.get_kind_display(),
                "category": row.category,
                "since": row.start,
                "until": row.until,
            }
            for row in held
        ],
    }


@api.get("/service-items", response=answers(list[shapes.ServiceItem]), summary="Service items")
@reading
def items(request: HttpRequest) -> list[dict[str, Any]]:
    return [_item(item.id) for item in service_items().items.values()]


@api.get(
    "/service-items/{item_id}",
    response=answers(shapes.ServiceItem, 404),
    summary="How one service item is carried out",
)
@reading
def item(request: HttpRequest, item_id: str) -> dict[str, Any]:
    return _item(item_id)


def _item(item_id: str) -> dict[str, Any]:
    found = item_of(item_id)
    return {
        "id": found.id,
        "name": found.name,
        "name_en": found.name_en,
        "applicant": found.applicant,
        "carried_by": found.carried_by,
        "promised_workdays": found.promised_workdays,
        "statutory_workdays": found.statutory_workdays,
        "publicity_workdays": found.publicity_workdays,
        "evidence": [row.name for row in found.evidence],
        "steps": [
            {"act": step.act, "by": step.by, "level": step.level, "workdays": step.workdays}
            for step in found.steps
        ],
    }


@api.get(
    "/plan/{year}",
    response=answers(list[shapes.TargetFigure], 404),
    summary="Targets and figures of one year of the plan",
)
@counting
def plan(request: HttpRequest, year: int) -> list[dict[str, Any]]:
    pack = Path(settings.PACK)
    sample = demonstration_sample(pack) if settings.DEMO else None
    state = plan_on(
        actor=caller(request),
        room=plan_room(pack),
        on=office_date(),
        year=year,
        share=sample.share if sample is not None else WHOLE,
    )
    return [
        {
            "section": section.section,
            "commitment": row.commitment.id,
            "indicator": row.indicator.id,
            "unit": row.indicator.unit,
            "comparator": row.commitment.comparator,
            "target": _exact(row.target.value),
            "value": _exact(row.reading.value) if row.reading is not None else None,
            "as_of": row.reading.until if row.reading is not None else None,
            "light": row.light,
        }
        for section in state.sections
        for row in section.targets
    ]


def _text(cell: str | bool | int | None) -> str:
    """A cell as a file would hold it."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _exact(value: Fraction) -> str:
    """A whole number or a decimal as it is; a third as a fraction, since no decimal says it."""
    if value.denominator == 1:
        return str(value.numerator)
    for places in range(1, 10):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"
    return f"{value.numerator}/{value.denominator}"
