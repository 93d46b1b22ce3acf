"""The words of a decision."""

from __future__ import annotations

VERDICTS = {
    "yes": "符合",
    "unknown": "尚不能判定",
    "near_miss": "只差一条",
    "no": "不符合",
}
RECIPIENT_KINDS = {"person": "居民", "employer": "用人单位"}
CLAIM_KINDS = {"automatic": "免申即享", "confirm": "确认即享", "apply": "申请享受"}
SWEEP_STATES = {"running": "进行中", "done": "完成", "failed": "失败"}
# What time alone brings or brought.
PROSPECT_KINDS = {"soon": "将符合", "ending": "将到期", "lost": "已错过"}
