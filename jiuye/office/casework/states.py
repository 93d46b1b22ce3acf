"""The life of a case as one table, and the words in which each audience reads it.

A row says: this act leads from these states to that one, needs this permission, and is known by this name. Nothing
else in the software moves a case. `advance` walks the table; the operations add what each act must check.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from jiuye.office.casework.refusals import Refusal
from jiuye.office.staff.refusals import LONG, within

# What each state is called by the applicant, the case worker and the auditor.
STATES: dict[str, tuple[str, str, str]] = {
    #                        applicant            case worker     auditor
    "confirmed":            ("已确认，等待受理", "待受理", "已确认"),
    "correction_requested": ("请您补正", "待补正", "退回补正"),
    "accepted":             ("已受理，正在审核", "待审核", "已受理"),
    "reviewed":             ("审核通过，准备公示", "待公示", "已审核"),
    "publicised":           ("正在公示", "公示中", "已公示"),
    "approved":             ("审批通过，等待付款", "待付款", "已审批"),
    "in_payment":           ("银行付款中", "付款中", "支付在途"),
    "payment_rejected":     ("付款被退回，请核对账户", "付款退回", "支付退回"),
    "paid":                 ("已到账", "已付款", "已支付"),
    "refused":              ("不予支付", "不予支付", "不予支付"),
    "withdrawn":            ("您已撤回", "已撤回", "已撤回"),
}  # fmt: skip
STATE_LABELS: dict[str, str] = {state: words[1] for state, words in STATES.items()}
AUDIENCES = {"applicant": 0, "caseworker": 1, "auditor": 2}

# The light beside the word: good, watch (somebody has to do something), bad, none.
STATE_LEVELS: dict[str, str] = {
    "confirmed": "none",
    "correction_requested": "watch",
    "accepted": "none",
    "reviewed": "none",
    "publicised": "none",
    "approved": "good",
    "in_payment": "good",
    "payment_rejected": "watch",
    "paid": "good",
    "refused": "bad",
    "withdrawn": "none",
}

OPEN_STATES = (
    "confirmed",
    "correction_requested",
    "accepted",
    "reviewed",
    "publicised",
    "approved",
    "in_payment",
    "payment_rejected",
)
ENDED_STATES = ("paid", "refused", "withdrawn")
MOST_TOGETHER = 500  # what a person can look through before signing
# A live case is one that may still pay or has paid: nobody in it is "entitled and not receiving".
LIVE_STATES = (*OPEN_STATES, "paid")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the act, where it starts, where it ends, who may, and its name on a button and in the timeline."""

    act: str
    sources: tuple[str, ...]
    target: str
    permissions: tuple[str, ...]  # any of them; none: no person does it, the system does
    button: str
    done: str
    needs_note: bool = False
    owner_may: bool = False  # the resident or employer whose case it is


TRANSITIONS: tuple[Transition, ...] = (
    Transition("accept", ("confirmed",), "accepted", ("casework.accept",), "受理", "受理"),
    Transition("request_correction", ("confirmed", "accepted", "reviewed", "publicised"), "correction_requested", ("casework.accept", "casework.review"), "退回补正", "退回补正", needs_note=True),
    Transition("correct", ("correction_requested",), "confirmed", ("casework.confirm_on_behalf",), "补正完成", "补正完成", needs_note=True, owner_may=True),
    Transition("review", ("accepted",), "reviewed", ("casework.review",), "审核通过", "审核通过"),
    Transition("publicise", ("reviewed",), "publicised", ("casework.publicise",), "开始公示", "开始公示"),
    Transition("approve", ("publicised",), "approved", ("casework.approve",), "批准", "审批通过"),
    Transition("undo_approval", ("approved", "payment_rejected"), "publicised", ("casework.approve",), "撤销批准", "撤销批准", needs_note=True),
    Transition("put_into_batch", ("approved", "payment_rejected"), "in_payment", ("funds.batch",), "列入付款批次", "列入付款批次"),
    Transition("record_paid", ("in_payment",), "paid", (), "", "银行已付款"),
    Transition("record_rejected", ("in_payment",), "payment_rejected", (), "", "银行退回"),
    Transition("record_returned", ("paid",), "payment_rejected", (), "", "到账后被银行退回"),
    Transition("leave_batch", ("in_payment",), "approved", (), "", "付款批次作废"),
    Transition("refuse", ("confirmed", "correction_requested", "accepted", "reviewed", "publicised", "approved", "payment_rejected"), "refused", ("casework.review", "casework.approve"), "不予支付", "不予支付", needs_note=True),
    Transition("withdraw", ("confirmed", "correction_requested", "accepted", "reviewed", "publicised", "approved", "payment_rejected"), "withdrawn", ("casework.confirm_on_behalf",), "撤回", "撤回", needs_note=True, owner_may=True),
    Transition("overturn", ("refused",), "confirmed", ("casework.approve",), "", "复核撤销原决定", needs_note=True),
    Transition("reopen", ("withdrawn", "refused"), "confirmed", ("casework.confirm_on_behalf",), "重新办理", "重新办理", needs_note=True),
)  # fmt: skip

# What happened without a change of state, and the beginning: names for the timeline.
OTHER_ACTS: dict[str, str] = {
    "confirm_own": "本人确认",
    "confirm_on_behalf": "工作人员代为确认",
    "confirm_relative": "亲属持授权代为确认",
    "change_speaker": "改由谁代办",
    "confirm_automatic": "系统确认（免申即享）",
    "attach": "提交材料",
    "sign": "签批",
    "ask_review": "申请复核",
    "uphold_refusal": "复核维持原决定",
    "object": "收到异议",
    "resolve_objection": "异议处理完毕",
    "answer_objection": "答复异议人",
    "refresh_payee": "更新收款账户",
    "confirm_account": "确认共用的收款账户",
    "check": "自动核验",
    "take_charge": "认领承办",
    "hand_on": "转交承办",
    "put_back": "退回待认领",
    "escalate": "逾期自动上报",
    "take_lost_payment": "银行付过的一笔归入本办件",
    "propose_claim_back": "提出追回，待另一人确认",
    "sign_claim_back": "签批追回",
    "confirm_claim_back": "决定追回",
    "drop_claim_back": "不予追回",
    "withdraw_claim_back": "撤回追回决定",
    "receive_back": "收到退还的款项",
    "undo_receipt": "撤销到账登记",
    "sign_waiver": "签批核销",
    "waive_back": "核销余额",
    "erase": "按保存期限删除材料",
}
# Who in the office has it is told to the applicant; why it changed hands is said among officers.
INSIDE_ACTS = ("take_charge", "hand_on", "put_back", "escalate", "confirm_account", "take_lost_payment")
# What is only proposed is nobody's to know outside the office: another officer may find that there is nothing to claim.
UNTOLD_ACTS = ("propose_claim_back", "sign_claim_back", "drop_claim_back", "sign_waiver")
ACT_NAMES: dict[str, str] = {row.act: row.done for row in TRANSITIONS} | OTHER_ACTS

# Whoever took one of these asked for the case in the applicant's stead or certified its papers, and does not approve it; whoever took one
# of all these had a hand in it: an objection to its notice is not theirs to settle.
SPOKE_FOR_IT = ("confirm_on_behalf", "confirm_relative", "attach")
# Nor does whoever once accepted or reviewed it, also where it went back since and another did so again.
NOT_TO_APPROVE = (*SPOKE_FOR_IT, "accept", "review")
HANDLING_ACTS = (*NOT_TO_APPROVE, "sign", "approve")

# The cross-checks, and what each may find. `%(…)s` is filled from what the check looked at.
CHECKS: dict[str, str] = {
    "alive": "本人健在（单位存续）",
    "still_entitled": "今日重新判定仍符合，金额不变",
    "not_already_paid": "同一政策同一时期未重复领取",
    "no_excluded_policy": "没有领取不可同时享受的政策",
    "payee": "收款账户齐全、户名一致",
    "within_limits": "没有超过领取的次数和月数",
    "insured_elsewhere": "没有以单位职工身份另行参保",
    "business_owner": "没有登记为经营者",
    "blacklisted": "单位没有严重失信记录",
    "in_arrears": "单位没有欠缴社会保险费",
    "account_own": "收款账户是本人（本单位）的",
    "account_shared": "收款账户没有用在别人名下",
    "not_paid_and_lost": "恢复备份时丢失的付款里没有这一笔",
}
# Made before every promise of money; the others are made before approval and again before payment.
ALWAYS_CHECKED = ("alive", "still_entitled", "not_already_paid", "no_excluded_policy", "payee")
FINDINGS: dict[str, str] = {
    "alive": "登记中没有死亡或注销的记录。",
    "dead": "登记的死亡日期是 %(death_date)s，不能再支付；请核对，属实的不予支付。",
    "closed": "单位已于 %(closed_on)s 注销，不能再支付；请核对，属实的不予支付。",
    "still_entitled": "按 %(on)s 的信息重新判定：符合，金额 %(amount)s 元。",
    "no_longer_entitled": "按 %(on)s 的信息重新判定：%(verdict)s。请先核对信息，或写明未满足的条件不予支付。",
    "amount_changed": "按 %(on)s 的信息重新判定，金额是 %(amount)s 元，与确认的 %(confirmed_amount)s 元不同；%(way)s",
    "not_already_paid": "同一政策没有时期重叠的已批或已付办件。",
    "already_paid": "同一政策已有时期重叠的办件 %(other)s（%(state)s），不能重复支付。",
    "already_drawn": "登记显示同一政策时期重叠的待遇已于 %(paid_on)s 发放（%(source)s），不能重复支付。",
    "carried_by_loan": "这项贴息随贷款按季支付，不能再由办件支付；请写明理由撤回或不予支付，由贷款核算。",
    "no_excluded_policy": "没有不可同时享受的办件。",
    "excluded_policy": "已有办件 %(other)s（%(other_policy)s），与本政策不可同时享受；只能保留一项。",
    "excluded_benefit": "登记显示已于 %(paid_on)s 享受不可同时享受的政策“%(other_policy)s”（%(source)s）。",
    "interest_changed": "%(why)s",
    "payee_complete": "户名与登记一致，账号和开户行齐全。",
    "payee_missing": "没有登记收款账号；请先补登收款账户。",
    "payee_name_differs": "收款户名与登记的姓名（名称）不一致；请更新收款账户。",
    "payee_account_changed": "登记的收款账号已经变更；请更新收款账户后再办。",
    "payee_sent_back": "办件 %(number)s 上次付款被银行退回（%(reason)s）；请先核对并更新收款账户，再列入批次。",
    "account_single": "没有别人（别的单位）的办件用尾号 %(account_ends_in)s 的收款账号。",
    "account_shared": "尾号 %(account_ends_in)s 的收款账号还用在另外 %(others)d 人（单位）的办件上：%(numbers)s。请核对；属实且应付的，由经办、审核或审批人员写明理由确认后再办。",
    "account_shared_confirmed": "尾号 %(account_ends_in)s 的收款账号还用在另外 %(others)d 人（单位）的办件上：%(numbers)s；%(who)s已于 %(on)s 确认：%(reason)s",
    "lost_payment_same_account": "恢复备份以前，银行按批次 %(batch)s 付过尾号 %(account_ends_in)s 的同一个账户 %(amount)s 元（流水号 %(reference)s，%(paid_on)s），所付的“%(lost)s”在恢复的数据里没有。请查清付的是不是这一笔：是的，由市里的资金支付人员在“付款 → 银行已付未入账”归入这件办件，批准后补录，不再付款；不是的，由两人结案后再办。",
    "lost_payment_unknown": "恢复备份以前，银行按批次 %(batch)s 付过一笔同样金额（%(amount)s 元，流水号 %(reference)s，%(paid_on)s）的款，所付的“%(lost)s”在恢复的数据里没有，也不知道付给了谁。请把那个批次的付款文件一并用 jiuye ledger compare 对照，付给别人的就不再拦这件；没有付款文件的，由两人与银行查清后结案再办。",
    "lost_payment_is_this": "银行按批次 %(batch)s 付的 %(amount)s 元（流水号 %(reference)s，%(paid_on)s，原来是“%(lost)s”）已归入这件办件：批准后补录，不再付款。",
    "within_limits": "同一政策以前领过（含已批未付）%(times)s 次、%(months)s 个月，加上这一件没有超过%(limit)s的上限。",
    "drawn_before": "同一政策以前领过（含已批未付）%(times)s 次、%(months)s 个月；期限由政策条件判定，见逐条核对。",
    "limit_reached": "同一政策已领（含已批未付）%(times)s 次、%(months)s 个月，加上这一件超过%(limit)s的上限，不能再批；请写明未满足的条件不予支付。",
    "granted_counts": "本人另有 %(times)s 次、%(months)s 个月同类待遇已经批准、还没有到账（%(numbers)s），加上它们就不再符合条件。请等银行付款有了结果再办；确实不能再享受的，写明未满足的条件不予支付。",
    "register_clear": "%(register)s：%(fact)s为“%(value)s”，不影响享受。",
    "register_stops": "%(register)s：%(fact)s为“%(value)s”，不能支付；请核对，属实的写明未满足的条件不予支付。",
    "no_record": "未核对：%(register)s里没有这一项的记录。",
    "no_register": "未核对，没有登记簿：%(why)s",
}
# What can be done about a changed amount from the state that the case is in; `.get(state, "")` where nothing can.
WAYS_WITH_NEW_AMOUNT: dict[str, str] = {
    "confirmed": "请退回补正，按新金额办理。",
    "accepted": "请退回补正，按新金额办理。",
    "reviewed": "请退回补正，按新金额办理。",
    "publicised": "请由审核人员退回补正，按新金额办理。",
    "approved": "请由审批人员撤销批准，再退回补正，按新金额办理；申请人不再要的，可以撤回。",
    "payment_rejected": "请由审批人员撤销批准，再退回补正，按新金额办理；申请人不再要的，可以撤回。",
}
# Who has a case, where it is no role of the office.
HOLDERS: dict[str, str] = {
    "applicant": "申请人",
    "public": "社会公示",
    "bank": "银行",
    "system": "系统",
}
CHECK_OUTCOMES: dict[str, str] = {"passed": "通过", "failed": "不通过", "unchecked": "未核对"}
EVIDENCE_KINDS: dict[str, str] = {
    "register": "登记簿比对（免提交）",
    "file": "上传文件",
    "seen": "窗口核对原件",
}
# What a register that reports late, a correction or a delivery taken back may say of what was paid; `afterwards.sentence` fills the words in.
DOUBTS: dict[str, str] = {
    "dead": "登记的死亡日期是 %(died_on)s，不晚于判定日 %(on)s。",
    "closed": "单位登记的注销日期是 %(closed_on)s，不晚于判定日 %(on)s。",
    "fails": "按现在的登记，%(on)s 不符合“%(says)s”：%(changed)s。",
    "cannot_tell": "按现在的登记，%(on)s 是否符合“%(says)s”已经无法判定：%(changed)s。",
    "off_record": "计发所依据的登记（招用、生育、证书等）已经撤销，登记库里没有了。",
    "too_much": "按现在的登记，应发 %(amount)s 元，多付 %(over)s 元：%(changed)s。",
    "drawn_elsewhere": "登记显示同一政策时期重叠的待遇已于 %(drawn_on)s 发放（%(source)s）。",
    "excluded": "登记显示已于 %(drawn_on)s 享受不可同时享受的政策“%(other)s”（%(source)s）。",
}
DOUBT_OUTCOMES: dict[str, str] = {
    "owed": "经核实应当发放",
    "claimed_back": "已提出追回",
    "gone": "登记已更正，疑点消除",
    "sent_back": "款项已退回",
}
CHECK_MOMENTS: dict[str, str] = {"confirm": "确认前", "approve": "审批前", "payment": "付款前"}
CONFIRMATION_WAYS: dict[str, str] = {
    "own": "本人",
    "on_behalf": "代办",
    "relative": "亲属持授权代办",
    "automatic": "系统",
}
# Who may hold an authority: the near relatives of 《民法典》第一千零四十五条, and relatives beyond them.
RELATIONS: dict[str, str] = {
    "spouse": "配偶",
    "parent": "父母",
    "child": "子女",
    "sibling": "兄弟姐妹",
    "grandparent": "祖父母、外祖父母",
    "grandchild": "孙子女、外孙子女",
    "other": "其他亲属",
}


class WrongStateError(Refusal):
    """The act does not start in the state the case is in; the sentence says what can be done now."""

    def __init__(self, act: str, state: str) -> None:
        row = transition(act)
        can = "、".join(gettext(other.button) for other in acts_from(state) if other.button)
        self.act = act
        self.state = state
        super().__init__(
            gettext("这件办件现在是“%(state)s”，不能“%(act)s”（须在“%(starts)s”时办理）；现在可以：%(can)s。")
            % {
                "state": gettext(STATE_LABELS[state]),
                "act": gettext(row.button or row.done),
                "starts": "、".join(gettext(STATE_LABELS[source]) for source in row.sources),
                "can": can or gettext("没有可办的事项"),
            }
        )


class NoteMissingError(Refusal):
    """The act tells the applicant something, so that it cannot be done without words."""

    def __init__(self, act: str) -> None:
        super().__init__(
            gettext("“%(act)s”要写明理由或说明；请填写后再办。") % {"act": gettext(transition(act).button)}
        )


def transition(act: str) -> Transition:
    """The row of that act. Raises KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            return row
    raise KeyError(f"{act!r} is no act of a case; the table in {__name__} lists them")


def acts_from(state: str) -> list[Transition]:
    """The rows that start in that state, in the order of the table."""
    return [row for row in TRANSITIONS if state in row.sources]


def pairs() -> list[tuple[str, str]]:
    """Every (from, to) of the table, sorted: the database's own trigger allows these and no other."""
    return sorted({(source, row.target) for row in TRANSITIONS for source in row.sources})


def advance(state: str, act: str, *, note: str = "") -> str:
    """The state that the act leads to. Raises WrongStateError, NoteMissingError, TooLongError."""
    row = transition(act)
    if state not in row.sources:
        raise WrongStateError(act, state)
    if row.needs_note and not note.strip():
        raise NoteMissingError(act)
    within(note, LONG, "理由", "note")
    return row.target


def label(state: str, audience: str = "caseworker") -> str:
    """The state in the words of that audience (applicant, caseworker, auditor)."""
    return STATES[state][AUDIENCES[audience]]
