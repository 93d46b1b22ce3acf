"""What holds a character that nothing can keep (characters.py) is refused once for all, before any view: an address, a query, a cookie, a form.

Nothing is left out or replaced in silence: who typed it is told, and has it before them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from jiuye.office.staff.queries import NotPermittedError
from jiuye.portals.common.characters import SHOWN, UNKEPT, is_unkept, pairs, shown
from jiuye.portals.common.drawn_again import refilled_before
from jiuye.portals.common.given_back import GivenBack, asked_back, came_from_here, given_back
from jiuye.portals.common.typed import TOKEN, note_refusal
from jiuye.portals.common.views.errors import Failure, show

View = Callable[..., HttpResponse]
Refuse = Callable[[HttpRequest, str], HttpResponse]


def sentence() -> str:
    """What is wrong, and why."""
    return gettext("里面有系统不能保存的字符（空字符，或编码出错的字符），什么都没有改动。")


def refused_address(request: HttpRequest) -> HttpResponse | None:
    """400 where the address, what it asks for, or a cookie holds such a character; else None."""
    cookies = [name for name, value in request.COOKIES.items() if is_unkept(name + value)]
    asked = any(is_unkept(name + value) for name, value in pairs(request.GET))
    if not (cookies or asked or is_unkept(request.path_info)):
        return None
    refuse = _other_answer(_view_at(request.path_info))
    if refuse is not None:
        return refuse(request, sentence())
    request.GET = shown(request.GET)
    if cookies:
        return _without(request, cookies)
    said = gettext("网址或搜索内容里有系统不能保存的字符（空字符，或编码出错的字符），没有查询，也没有改动。")
    advice = gettext("请删去下面显示为 � 的字符再试；如果是点链接来的，请回到原来的页面。")
    return show(
        request, Failure(400, gettext("请求有误"), said, advice), readable=False, given=_given(request)
    )


def refused_form(request: HttpRequest, view: View) -> HttpResponse | None:
    """422 with the form as it was typed where a field holds such a character; else None. What an interface is sent it reads itself."""
    if request.method != "POST" or _other_answer(view) is not None:
        return None
    wrong = [name for name, value in pairs(request.POST) if is_unkept(name + value)]
    if not wrong:
        return None
    request.POST = shown(request.POST)
    advice = gettext("请删去显示为 � 的字符，再提交一次；填写的内容没有丢。")
    if not getattr(request, "htmx", None):
        for name in dict.fromkeys(wrong):
            note_refusal(request, sentence() + advice, UNKEPT.sub(SHOWN, name) if name != TOKEN else "")
        page = _drawn(request)
        if page is not None:
            return page
    return show(request, Failure(422, gettext("没有办理"), sentence(), advice))


def _given(request: HttpRequest) -> GivenBack | None:
    if request.method != "POST":
        return asked_back(request)
    if not came_from_here(request):  # nobody has checked its token yet
        return None
    request.POST = shown(request.POST)
    return given_back(request)


def _drawn(request: HttpRequest) -> HttpResponse | None:
    """The page that the form stood on, with it; None where nobody can say which that is, or it cannot be opened any more."""
    try:
        return refilled_before(request)
    except (Http404, NotPermittedError):
        return None


def _without(request: HttpRequest, cookies: list[str]) -> HttpResponse:
    """The page is drawn for nobody, since nobody is looked up by what such a cookie says; the browser is asked to drop it."""
    for name in cookies:
        del request.COOKIES[name]
    request.session = type(request.session)(None)
    said = gettext("浏览器送来的 Cookie 里有系统不能保存的字符，什么都没有改动。")
    advice = gettext("已请浏览器删除它；请重新打开页面，必要时重新登录。")
    response = show(request, Failure(400, gettext("请求有误"), said, advice), readable=False)
    for name in cookies:
        response.delete_cookie(name)
    return response


def _view_at(path: str) -> View | None:
    try:
        return resolve(path).func
    except Resolver404:
        return None


def _other_answer(view: View | None) -> Refuse | None:
    """How an address that is no page says what is wrong; set beside its permission."""
    return getattr(view, "refuses_in", None)
