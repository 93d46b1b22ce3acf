"""Error pages: what is wrong, why, and what to do; the same for pages and for htmx requests."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.staff.roles import PERMISSIONS, ROLES
from jiuye.portals.common.faults import is_database_gone, is_disk_full

RETRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as a person reads it."""

    status: int
    title: str
    sentence: str
    advice: str


def show(request: HttpRequest, failure: Failure) -> HttpResponse:
    """The error page; for htmx nothing to swap but a toast with the sentence."""
    if getattr(request, "htmx", None):
        response = HttpResponse(status=failure.status)
        toast = {"text": f"{failure.sentence}{failure.advice}", "kind": "bad"}
        response.headers["HX-Trigger"] = json.dumps({"jiuye:toast": toast})
        return response
    return render(request, "common/error.html", {"failure": failure}, status=failure.status)


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
    """403 for a form whose token is missing or old."""
    return show(
        request,
        Failure(
            403,
            gettext("页面已过期"),
            gettext("这张表单打开得太久，或浏览器禁用了 Cookie，系统没有办理。"),
            gettext("请返回上一页刷新后重新提交；您填写的内容没有保存。"),
        ),
    )


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
    """500, or 503 where the database is away or the disk full: rendered without the frame's context, which may be what failed."""
    failure = _failure_of(sys.exc_info()[1])
    response = HttpResponse(
        render_to_string("common/server_error.html", {"failure": failure}), status=failure.status
    )
    if failure.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


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
    return Failure(
        500,
        gettext("系统出错了"),
        gettext("这次操作没有完成，没有任何内容被改动。"),
        gettext("请稍后再试；如果反复出现，请把出错时间告诉系统管理员。"),
    )
