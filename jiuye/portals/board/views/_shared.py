"""What every view of the board needs: the plan's room, the demonstration's share, and refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from jiuye.office.targets.operations import NotYoursError
from jiuye.office.targets.queries import NoRecordsError, NoSuchIndicatorError, NoSuchYearError
from jiuye.office.targets.rooms import PlanUnusableError, plan_room
from jiuye.office.targets.sample import WHOLE, Sample, demonstration_sample
from jiuye.portals.common.views.errors import Failure, show

View = Callable[..., HttpResponse]
# Why the board's figures leave the scope of rows; the records behind a number are listed by the actor's places all the same.
FIGURES = "figures count the whole city, and a person once where the first record lies"


class NoSuchPartError(LookupError):
    """A section or milestone that the plan does not have."""


def with_plan(view: View) -> View:
    """Hand the view the plan's room after the request; what it cannot open becomes a page that says so."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, plan_room(Path(settings.PACK)), *args, **kwargs)
        except PlanUnusableError:
            return show(
                request,
                Failure(
                    503,
                    gettext("方案文件有错误"),
                    gettext("方案、指标或评价办法的文件里有错误，看板不能据此显示数字。"),
                    gettext("请系统管理员运行 jiuye check，按列出的行号改正；改正后刷新即可。"),
                ),
            )
        except NoRecordsError as error:
            if error.reported:
                sentence = gettext("这个数由部门填报，系统里没有逐条记录。")
            else:
                sentence = gettext("这个指标的统计没有这一部分。")
            advice = gettext("请回到指标页，看它是怎样统计或填报的。")
            return show(request, Failure(404, gettext("没有可打开的记录"), sentence, advice))
        except (NoSuchIndicatorError, NoSuchPartError, NoSuchYearError):
            return show(
                request,
                Failure(
                    404,
                    gettext("方案里没有这一项"),
                    gettext("您打开的任务、指标或事项不在现行方案里。"),
                    gettext("请回到看板重新查找。"),
                ),
            )
        except NotYoursError as error:
            return show(request, Failure(403, gettext("不由您填报"), str(error), ""))

    return opened


def sample() -> Sample | None:
    """The share of the city that a demonstration's registry holds; None for an office at work."""
    return demonstration_sample(Path(settings.PACK)) if settings.DEMO else None


def share_of(found: Sample | None) -> Fraction:
    return found.share if found is not None else WHOLE
