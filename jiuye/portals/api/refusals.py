"""What was not done, as `application/problem+json` (RFC 9457): one sentence, and every mistake of the request with its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jiuye.office.matters.content import UnknownItemError
from jiuye.office.partners.operations import AnotherCallError
from jiuye.office.partners.queries import KeyRefusedError
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.operations import FactRefusedError
from jiuye.office.registry.verifying import NotOnRecordError
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.targets.queries import NoSuchYearError

# Which mistake of a request pydantic means, in our words; what is not here is said as "does not fit".
MISTAKES = {
    "missing": gettext_noop("缺少这一项。"),
    "extra_forbidden": gettext_noop("没有这一项；请核对名称。"),
    "string_too_short": gettext_noop("不能为空。"),
    "string_too_long": gettext_noop("太长。"),
    "too_short": gettext_noop("至少要有一行。"),
    "too_long": gettext_noop("一次太多，请分批。"),
    "date_from_datetime_parsing": gettext_noop("不是日期；请写成 2024-06-01 的样子。"),
    "date_parsing": gettext_noop("不是日期；请写成 2024-06-01 的样子。"),
    "json_invalid": gettext_noop("不是 JSON。"),
    "other": gettext_noop("与接口说明不符。"),
}


def problem(status: int, title: str, errors: Sequence[dict[str, str]] = ()) -> HttpResponse:
    """The answer to a request that was not carried out."""
    said: dict[str, Any] = {"status": status, "title": title}
    if errors:
        said["errors"] = list(errors)
    answer = HttpResponse(
        json.dumps(said, ensure_ascii=False), status=status, content_type="application/problem+json"
    )
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def listen(api: NinjaAPI) -> None:
    """Hand every refusal of the rooms below to the caller in words."""

    def said_as(kind: type[Exception], status: int) -> None:
        api.add_exception_handler(kind, lambda request, error: problem(status, str(error)))

    said_as(NotPermittedError, 403)
    said_as(NotOnRecordError, 404)
    said_as(UnknownItemError, 404)
    said_as(NoSuchYearError, 404)
    said_as(AnotherCallError, 409)

    @api.exception_handler(AuthenticationError)
    def not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, str(KeyRefusedError()))

    @api.exception_handler(Http404)
    def not_there(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, _("没有这个地址。"))

    @api.exception_handler(HttpError)
    def not_read(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, _("请求无法读取：内容不是 JSON，或编码不是 UTF-8。"))

    @api.exception_handler(ValidationError)
    def does_not_fit(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {
                "where": ".".join(str(part) for part in row["loc"] if part not in ("body", "payload")),
                "says": _(MISTAKES.get(str(row["type"]), MISTAKES["other"])),
            }
            for row in error.errors
        ]
        return problem(422, _("请求与接口说明不符，什么都没有写入。"), errors)

    @api.exception_handler(DeliveryRefusedError)
    def not_taken(request: HttpRequest, error: DeliveryRefusedError) -> HttpResponse:
        return problem(
            422,
            _("这一批没有收下，什么都没有写入；请改正后用同一个幂等键重发。"),
            [{"where": "rows", "says": sentence} for sentence in error.sentences],
        )

    @api.exception_handler(FactRefusedError)
    def not_asked_well(request: HttpRequest, error: FactRefusedError) -> HttpResponse:
        return problem(
            422, "".join(error.sentences), [{"where": "", "says": sentence} for sentence in error.sentences]
        )
