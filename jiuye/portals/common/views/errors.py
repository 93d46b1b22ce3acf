"""Error pages: what is wrong, why, and what to do; the same for pages and for htmx requests."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.staff.refusals import TooLongError
from jiuye.office.staff.roles import PERMISSIONS, ROLES
from jiuye.portals.common.faults import is_clash, is_database_gone, is_disk_full
from jiuye.portals.common.given_back import GivenBack, came_from_here, given_back

RETRY_SECONDS = 10
log = logging.getLogger("jiuye.errors")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as a person reads it."""

    status: int
    title: str
    sentence: str
    advice: str


def show(
    request: HttpRequest, failure: Failure, *, readable: bool = True, given: GivenBack | None = None
) -> HttpResponse:
    """The error page, with what was typed into the form that failed; for htmx nothing to swap but a toast with the sentence.

    Where the request itself is not `readable`, its form is not read a second time, and only what is `given` stands on the page.
    """
    if getattr(request, "htmx", None):
        response = HttpResponse(status=failure.status)
        toast = {"text": f"{failure.sentence}{failure.advice}", "kind": "bad"}
        response.headers["HX-Trigger"] = json.dumps({"jiuye:toast": toast})
        return response
    return _page(request, failure, given_back(request) if readable else given)


def _page(
    request: HttpRequest, failure: Failure, given: GivenBack | None, *, again: bool = False, login: str = ""
) -> HttpResponse:
    """With `again` what was typed can be sent again from the page, unless something had to be left out."""
    context = {"failure": failure, "given": given, "again": again, "sign_in_url": login}
    response = render(request, "common/error.html", context, status=failure.status)
    if given is not None:
        response.headers["Cache-Control"] = "no-store"  # what was typed may be about somebody
    return response


def not_permitted(request: HttpRequest, error: NotPermittedError) -> HttpResponse:
    """403 in the user's language, with the roles that may."""
    holders = [gettext(ROLES[role]) for role, may in PERMISSIONS.items() if error.permission in may]
    if error.division_code:
        sentence = gettext("您的岗位不能在这个区划办理这项操作。")
    else:
        sentence = gettext("您的岗位不能打开这个页面或办理这项操作。")
    advice = gettext("需要的角色：%(roles)s。请由担任该角色的同事办理，或向系统管理员申请岗位。") % {
        "roles": gettext("、").join(holders) or "—"
    }
    return show(request, Failure(403, gettext("没有权限"), sentence, advice))


def words_too_long(request: HttpRequest, error: TooLongError) -> HttpResponse:
    """422 with the sentence that says how many characters are too many."""
    return show(request, Failure(422, gettext("写得太长"), str(error), gettext("请回到原来的页面重新填写。")))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: something in the request cannot be read."""
    return show(
        request,
        Failure(
            400,
            gettext("请求有误"),
            gettext("系统读不懂这次请求。"),
            gettext("请返回上一页重新填写；如果反复出现，请告诉系统管理员。"),
        ),
        readable=False,
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 where no permission of ours is at issue."""
    return show(
        request,
        Failure(
            403,
            gettext("没有权限"),
            gettext("您不能打开这个页面或办理这项操作。"),
            gettext("请用有权限的账号登录，或向系统管理员申请岗位。"),
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old. What another site has posted was typed by nobody here, and is not given back."""
    title, sentence = (
        gettext("页面已过期"),
        gettext("这张表单打开得太久、中间重新登录过，或浏览器禁用了 Cookie，系统没有办理。"),
    )
    if not came_from_here(request):
        advice = gettext(
            "请回到原来的页面刷新后重新填写；系统看不出这张表单是从本系统的页面发出的，没有保留内容。"
        )
        return _page(request, Failure(403, title, sentence, advice), None)
    if getattr(request, "htmx", None):
        return _fresh_token(
            request, Failure(403, title, sentence, gettext("您填写的内容还在页面上，请再试一次。"))
        )
    given = given_back(request)
    if given is not None and _signed_out_of(request):
        return signed_out(request, given)
    advice = gettext("请回到原来的页面刷新后重新提交。")
    if given is not None and given.fields:
        advice = gettext("您填写的内容没有丢：请核对，再提交一次。")
    return _page(request, Failure(403, title, sentence, advice), given, again=True)


def _signed_out_of(request: HttpRequest) -> bool:
    """Whether the address that was posted to wants somebody who is signed in, and nobody is."""
    public = getattr(request.resolver_match.func, "required_permission", "public") == "public"
    return not public and not request.user.is_authenticated


def _fresh_token(request: HttpRequest, failure: Failure) -> HttpResponse:
    """For htmx: the sentence as a toast, and a token with which the page, which still holds what was typed, can ask again."""
    response = show(request, failure)
    told = json.loads(response.headers["HX-Trigger"]) | {"jiuye:token": get_token(request)}
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def signed_out(request: HttpRequest, given: GivenBack) -> HttpResponse:
    """403 for a form that was sent when its sender had been signed out already: nothing was done, and nothing typed is lost."""
    title, sentence = gettext("登录已过期"), gettext("您已经退出登录，系统没有办理。")
    if getattr(request, "htmx", None):
        advice = gettext("您填写的内容还在页面上，没有保存：请在新窗口登录，再回到这里继续。")
        return show(request, Failure(403, title, sentence, advice))
    if given.fields:
        advice = gettext("您填写的内容没有丢：请先在新窗口登录，再回到这个页面提交。")
    else:
        advice = gettext("请登录后打开原来的页面重新填写。")
    login = f"{settings.LOGIN_URL}?{urlencode({'next': given.page})}"
    return _page(request, Failure(403, title, sentence, advice), given, again=True, login=login)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return show(
        request,
        Failure(
            404,
            gettext("没有这个页面"),
            gettext("您要找的页面不存在，或已经移走。"),
            gettext("请检查地址，或回到首页重新查找。"),
        ),
    )


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """500, or 503 where the database is away, the disk full or another act came in between, with what was typed into the form that failed. Rendered without the
    frame's context, which may be what failed; nothing of it asks the database.
    """
    failure = _failure_of(sys.exc_info()[1])
    given = _given_back_still(request)
    context = {
        "failure": failure,
        "given": given,
        "again": True,
        "sign_in_url": "",
        "actor": None,
        "csrf_token": get_token(request) if given is not None else "",
    }
    response = HttpResponse(render_to_string("common/server_error.html", context), status=failure.status)
    if given is not None:
        response.headers["Cache-Control"] = "no-store"  # what was typed may be about somebody
    if failure.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _given_back_still(request: HttpRequest) -> GivenBack | None:
    """What was typed, where a page of ours sent it: the failure may have come before anybody checked that. None where the request itself
    cannot be read, which may be what failed; an error page has no other to fall back on.
    """
    try:
        return given_back(request) if came_from_here(request) else None
    except Exception:
        log.exception("what was typed into the form that failed could not be given back")
        return None


def _failure_of(error: BaseException | None) -> Failure:
    if error is not None and is_disk_full(error):
        return Failure(
            503,
            gettext("磁盘写满了"),
            gettext("系统的磁盘写满了，这次操作没有完成，没有任何内容被改动。"),
            gettext("请告诉系统管理员腾出空间，然后再办一次。"),
        )
    if error is not None and is_database_gone(error):
        # Whether what was to be kept last has been kept, nobody knows who has lost the connection.
        return Failure(
            503,
            gettext("数据库暂时连不上"),
            gettext("系统与数据库的连接断了，这次操作可能没有完成。"),
            gettext("请过一会儿打开这件事的页面，看是否已经办好，没有办好就再办一次；重复提交不会办两次。"),
        )
    if error is not None and is_clash(error):
        return Failure(
            503,
            gettext("刚才有人同时在办"),
            gettext("有人同时在办相关的事，系统先办了那一边；这次操作没有完成，没有任何内容被改动。"),
            gettext("请再办一次。"),
        )
    return Failure(
        500,
        gettext("系统出错了"),
        gettext("这次操作没有完成，没有任何内容被改动。"),
        gettext("请稍后再试；如果反复出现，请把出错时间告诉系统管理员。"),
    )
