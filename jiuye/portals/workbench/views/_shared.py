"""What several pages of a draft share: the draft itself, its tabs, its way up."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.policies import queries
from jiuye.office.policies.models import Draft
from jiuye.office.policies.operations.drafting import NoSuchDraftError, files_of
from jiuye.office.policies.states import OPEN_STATES
from jiuye.portals.common.actors import actor
from jiuye.portals.common.components import Crumb, Tab
from jiuye.portals.workbench.words import state_cell

TABS = (
    ("draft", gettext_lazy("文本")),
    ("values", gettext_lazy("参数和日期")),
    ("boundaries", gettext_lazy("边界案例")),
    ("simulate", gettext_lazy("测算")),
    ("review", gettext_lazy("送审和公布")),
)


def the_draft(request: HttpRequest, draft_id: int) -> Draft:
    """The draft, or the 404 page."""
    try:
        return queries.one_draft(actor=actor(request), draft_id=draft_id)
    except NoSuchDraftError as error:
        raise Http404(str(error)) from error


def frame(request: HttpRequest, draft: Draft, current: str) -> dict[str, Any]:
    """What every page of a draft shows above its own part."""
    me = actor(request)
    own = draft.author_id == me.account_id
    return {
        "draft": draft,
        "state": state_cell(draft.state),
        "files": files_of(draft),
        "own": own,
        "may_write": own and draft.state in OPEN_STATES and me.may("policies.write"),
        "may_simulate": me.may("policies.simulate"),
        "tabs_items": [
            Tab(label, reverse(f"workbench:{name}", args=[draft.pk]), name == current) for name, label in TABS
        ],
        "crumbs": [Crumb(_("草案"), reverse("workbench:drafts")), Crumb(draft.title)],
    }
