"""The upload form. What is wrong with a file is said by the import itself."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.forms import UploadDrop


class UploadForm(forms.Form):
    """A list of residents and where it comes from."""

    file = forms.FileField(
        label=_("名单文件"),
        help_text=_("Excel 工作簿（.xlsx）或 .csv，至少有姓名、身份证号和常住地三列；最多50万行、100 MB。"),
        widget=UploadDrop(attrs={"accept": ".xlsx,.csv,.txt"}),
        allow_empty_file=True,  # the import says what an empty file is
        error_messages={"required": _("请选择名单文件。")},
    )
    source = forms.CharField(
        label=_("来源"),
        help_text=_("写进每一条登记里，例如：东关街道2024年7月入户摸排。"),
        max_length=60,
        error_messages={"required": _("请写明名单来自哪里。")},
    )
