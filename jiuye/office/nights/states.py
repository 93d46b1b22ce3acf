"""How the night of a day stands, and its steps in the order in which they are done, with the words for both."""

from __future__ import annotations

STATES: dict[str, str] = {"running": "正在做", "done": "已做完", "failed": "有没做完的"}
LEVELS = {"running": "none", "done": "good", "failed": "bad"}
STEPS: dict[str, str] = {
    "seal": "封存账簿",
    "calendars": "校正期限",
    "publications": "生效已公布的规则",
    "decide": "全量判定",
    "reviews": "列入到期复核",
    "automatic": "建立免申即享办件",
    "look_back": "核查已发放的待遇",
    "remind": "提醒借款人",
    "erase": "删除保存期满的记录",
    "deadlines": "逾期上报",
}
# A night whose process ended every time before it could say why.
BROKEN_OFF = "做到这一步时进程中断，已经试过 %(number)d 次。"
