"""The words of the board: where a figure comes from, how a milestone stands, and what comes first when red does."""

from __future__ import annotations

ORIGINS: dict[str, str] = {
    "measured": "由系统记录统计",
    "reported": "部门填报",
    "none": "尚无数据",
}

# How a milestone stands: the light beside the word. A milestone has no number, so that it is never yellow by measure.
MILESTONE_STATES: dict[str, tuple[str, str]] = {
    "done": ("green", "已报完成"),
    "open": ("none", "尚未报告"),
    "overdue": ("red", "期满未报"),
    "not_begun": ("none", "尚未到期"),
}

# Red first; what has no figure comes before what is well, because somebody has to do something about it.
URGENCY: dict[str, int] = {"red": 0, "yellow": 1, "none": 2, "green": 3}

# A figure has to be a whole number unless its unit is one of these.
DIVISIBLE_UNITS = ("%", "个百分点", "元", "人/亿元")
# A difference of two rates may be below zero; nothing else may.
SIGNED_UNITS = ("个百分点",)

# The parts that a measure adds, deducts, or leaves out and says so.
PART_NAMES: dict[str, str] = {
    "hired": "城镇累计新就业",
    "attrition": "自然减员（退休、死亡）",
    "moved": "从其他单位调入或未间断",
    "again": "同一人同年再次",
    "not_urban": "非城镇就业",
    "placed": "认定期内实现就业",
    "trainees": "在见习基地开始见习的青年",
    "trainees_outside": "不在基地，或不属于（未核实属于）见习对象",
    "apprentices": "开始培训的新型学徒",
    "trained": "结业并取得证书的补贴性培训",
    "without_certificate": "结业但没有证书",
    "outside_catalogue": "不在补贴性培训目录，或未注明",
    "college_trained": "技工院校面向社会的培训",
    "pupils": "学制教育在校生",
    "certified": "职业技能等级认定发证",
    "otherwise": "职业资格、专项能力和培训合格证书",
    "paid": "已付款的办件",
    "on_the_way": "已审批、尚未到账",
    "served": "已获全套服务的实名登记毕业生",
    "still_owed": "有就业意愿、服务还没有提供齐",
    "closed_unserved": "服务没有提供齐、已写明原因了结",
}
PART_SIGNS: dict[int, str] = {1: "计入", -1: "扣减", 0: "不计", 2: "计入总数"}

# The units of the plan and the multiples in which a figure may be entered.
UNITS = ("人", "人次", "个", "家", "场", "期", "次", "名", "届", "元", "个百分点", "人/亿元")
MULTIPLES: dict[str, dict[str, int]] = {
    "元": {"元": 1, "万元": 10_000, "亿元": 100_000_000},
    "人": {"人": 1, "万人": 10_000},
    "人次": {"人次": 1, "万人次": 10_000},
}

CONFIDENCE_WORDS: dict[str, str] = {
    "found": "定义出自所列文件",
    "known": "通行口径，文件未在手边",
    "guess": "工作口径，待主管部门确认",
    "undefined": "方案未作定义，待主管部门确认",
}
FREQUENCY_WORDS: dict[str, str] = {"month": "按月", "quarter": "按季", "year": "按年"}
KIND_WORDS: dict[str, str] = {"flow": "在所属期内累计", "level": "时点数或比率"}
BASIS_WORDS: dict[str, str] = {"published": "方案写明", "inferred": "按职能推断，方案没有写明"}
