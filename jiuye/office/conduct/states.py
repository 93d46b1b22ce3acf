"""The five levels of 好差评 and what a low mark obliges to; kinds of contact; whose work a list shows.

Source: 国务院办公厅关于建立政务服务“好差评”制度提高政务服务水平的意见, 国办发〔2019〕51号 (five levels; the two low ones are followed up,
in the workdays that the pack's deadlines.yaml sets).
"""

from __future__ import annotations

LEVELS: dict[str, str] = {
    "very_satisfied": "非常满意",
    "satisfied": "满意",
    "fairly_satisfied": "基本满意",
    "unsatisfied": "不满意",
    "very_unsatisfied": "非常不满意",
}
LOW = ("unsatisfied", "very_unsatisfied")
LEVEL_LIGHTS: dict[str, str] = {
    "very_satisfied": "good",
    "satisfied": "good",
    "fairly_satisfied": "none",
    "unsatisfied": "watch",
    "very_unsatisfied": "bad",
}
# What an unanswered mark, a review of a refusal, a promised service, an application for a loan and a grant due again wait for, among the steps that go up when they are late.
ANSWER_STEP = "answer"
REVIEW_STEP = "refusal_review"
SERVICE_STEP = "promised_service"
LOAN_STEP = "loan_answer"
DUE_REVIEW_STEP = "due_review"
RATED_MATTERS = ("granted", "refused")
RATED_CASES = ("paid", "refused")
# An application for a loan has ended once the bank has paid, or once it is clear that nobody will.
RATED_LOANS = (
    "refused",
    "bank_declined",
    "withdrawn",
    "disbursed",
    "repaid",
    "compensated",
    "recovered",
    "written_off",
)

CONTACT_KINDS: dict[str, str] = {"visit": "走访", "phone": "电话", "counter": "来访"}
# Whether somebody was reached. What was noted before this was asked says nothing of it (UNSAID).
UNSAID = ""
REACHED: dict[str, str] = {
    "person": "联系到本人",
    "other": "联系到家人或其他人",
    "nobody": "没有人接、没有人在",
    "wrong": "号码或地址不对",
}
NOT_REACHED = ("nobody", "wrong")
# The step of a charge that was given back: none that anything waits for.
IN_POOL = ""
# What the desk lists leave: what one has in hand oneself (or for somebody absent), what nobody has, everything that waits.
WHOSE: dict[str, str] = {"mine": "我的", "nobody": "待认领", "all": "大家的"}
