"""The fixed vocabularies of skills: national concepts in their standard terms. Nothing of one city.

Source of the levels: 人社部发〔2022〕14号 (the "new eight levels"); of the ABC categories: the province's list of
subsidised training, which the pack names.
"""

from __future__ import annotations

CERTIFICATE_KINDS = {
    "skill_level": "职业技能等级证书",
    "qualification": "职业资格证书",
    "special_ability": "专项职业能力证书",
    "completion": "培训合格证书",
}
# Kinds of certificate that state a level; the others have none.
LEVELLED_KINDS = ("skill_level", "qualification")
SKILL_LEVELS = {
    "level_5": "五级（初级工）",
    "level_4": "四级（中级工）",
    "level_3": "三级（高级工）",
    "level_2": "二级（技师）",
    "level_1": "一级（高级技师）",
    "distinguished": "特级技师",
    "chief": "首席技师",
}
# 高技能人才: 高级工 and above.
HIGH_SKILL_LEVELS = ("level_3", "level_2", "level_1", "distinguished", "chief")
OCCUPATION_CATEGORIES = {"a": "A类（生产制造）", "b": "B类（生产服务）", "c": "C类（生活服务）"}
TRAINEESHIP_OUTCOMES = {"retained": "留用", "left": "离开"}
APPRENTICESHIP_LEVELS = {
    "level_4": "中级工",
    "level_3": "高级工",
    "level_2": "技师",
    "level_1": "高级技师",
}
TRAINING_KINDS = {
    "employment_skills": "就业技能培训",
    "job_upgrading": "岗位技能提升培训",
    "pre_job": "岗前培训",
    "startup": "创业培训",
    "farmer": "高素质农民培训",
    "veteran_adaptation": "退役士兵适应性培训",
}
PROVIDER_KINDS = {
    "technical_college": "技工院校",
    "vocational_college": "职业院校",
    "training_body": "培训机构",
    "employer": "用人单位",
    "other": "其他",
}
