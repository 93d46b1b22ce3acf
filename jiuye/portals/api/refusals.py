"""What was not done, as `application/problem+json` (RFC 9457): one sentence, and every mistake of the request with its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from jiuye.office.matters.content import UnknownItemError
from jiuye.office.partners.operations import AnotherCallError
from jiuye.office.partners.queries import AnothersRegisterError, KeyRefusedError
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.operations import FactRefusedError
from jiuye.office.registry.verifying import NotOnRecordError
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.targets.queries import NoSuchYearError
from jiuye.portals.common.characters import places

MOST_PLACES = 100  # of one body, as many as are named

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


class UnkeptCharactersError(ValueError):
    """The body can be read, and holds characters that nothing can keep, at these places."""

    def __init__(self, where: list[str]) -> None:
        super().__init__(f"characters that cannot be kept: {', '.join(where)}")
        self.where = where


class BodyParser(Parser):
    """Reads a body as JSON, and refuses what could not be kept as it was sent."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body. Raises ValueError where it is no JSON, UnkeptCharactersError."""
        read = super().parse_body(request)
        where = list(islice(places(read), MOST_PLACES))
        if where:
            raise UnkeptCharactersError(where)
        return read


def characters_refused(request: HttpRequest, sentence: str) -> HttpResponse:
    """400 for an address with such characters, before anybody asks for the key."""
    with translation.override("en" if asks_for_english(request) else translation.get_language()):
        return problem(400, _("网址里有系统不能保存的字符（空字符，或编码出错的字符），什么都没有写入。"))


def asks_for_english(request: HttpRequest) -> bool:
    return request.headers.get("Accept-Language", "").lower().startswith("en")


def listen(api: NinjaAPI) -> None:
    """Hand every refusal of the rooms below to the caller in words."""

    def said_as(kind: type[Exception], status: int) -> None:
        api.add_exception_handler(kind, lambda request, error: problem(status, str(error)))

    said_as(NotPermittedError, 403)
    said_as(AnothersRegisterError, 403)
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
        if isinstance(error.__cause__, UnkeptCharactersError):
            said = _("里面有系统不能保存的字符（空字符，或编码出错的字符）。")
            errors = [{"where": where, "says": said} for where in error.__cause__.where]
            return problem(422, _("请求与接口说明不符，什么都没有写入。"), errors)
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
