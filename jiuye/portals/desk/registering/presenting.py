"""How a record came about at a counter, in the words of the page that shows it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from jiuye.office.registry.models import CounterRegistration
from jiuye.portals.common.templatetags.jiuye import moment


def registration_words(registration: CounterRegistration) -> str:
    """Who registered it and when, on which paper, who came, why, and how those alike were told apart."""
    said = [
        registration.by_name,
        str(moment(registration.at)),
        _("核对了%(paper)s") % {"paper": _(registration.get_paper_display())},
    ]
    if registration.agent:
        said.append(_("来办理的人：%(name)s") % {"name": registration.agent})
    said.append(registration.because)
    if registration.apart_because:
        said.append(_("与在册相近的区分：%(because)s") % {"because": registration.apart_because})
    return " · ".join(said)
