"""What proves an application for a loan: files of the borrower, originals seen at the counter, or what spared a paper."""

from __future__ import annotations

import pgtrigger
from django.db import models

from jiuye.office.casework.models.beside import FILE_IS_WHOLE, PaperGiven


class LoanEvidence(PaperGiven):
    """What proves one point of an application. Appended, never edited."""

    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="evidence", verbose_name="贷款"
    )

    class Meta:
        verbose_name = "贷款材料"
        indexes = [models.Index(fields=["loan", "evidence_id"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="loan_evidence_file_is_whole",
                condition=FILE_IS_WHOLE,
                violation_error_message="上传的材料必须有文件名、指纹和大小。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.evidence_id} {self.kind}"
