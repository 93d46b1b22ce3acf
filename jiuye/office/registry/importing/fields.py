"""The columns that an import understands: field, headings by which they go, and the kind of value they hold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_noop as _

from jiuye.office.registry.states import (
    DIFFICULTY_CATEGORIES,
    EDUCATION_LEVELS,
    EMPLOYMENT_KINDS,
    HUKOU_KINDS,
    SEXES,
)

Kind = Literal[
    "name", "id", "sex", "date", "phone", "place", "choice", "yes", "text", "code", "money", "account"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `length` is the longest text that the registry keeps; `required` refuses an empty cell."""

    name: str
    label: str
    kind: Kind
    synonyms: tuple[str, ...]
    length: int = 0
    required: bool = False


FIELDS: tuple[Field, ...] = (
    Field("name", _("姓名"), "name", ("人员姓名", "居民姓名", "名字", "本人姓名", "name"), 60, True),
    Field(
        "id_number",
        _("身份证号"),
        "id",
        (
            "身份证",
            "身份证号码",
            "公民身份号码",
            "公民身份证号码",
            "证件号码",
            "证件号",
            "身份号码",
            "idnumber",
            "idno",
        ),
        required=True,
    ),
    Field("sex", _("性别"), "sex", ("男女", "sex", "gender")),
    Field(
        "birth_date", _("出生日期"), "date", ("出生年月日", "生日", "出生年月", "birthdate", "dateofbirth")
    ),
    Field(
        "phone",
        _("手机号"),
        "phone",
        ("手机", "手机号码", "联系电话", "联系方式", "电话", "移动电话", "phone", "mobile"),
    ),
    Field(
        "hukou_division",
        _("户籍地"),
        "place",
        ("户籍所在地", "户口所在地", "户籍地址", "户籍区划", "户籍所在社区"),
    ),
    Field(
        "residence_division",
        _("常住地"),
        "place",
        (
            "常住地社区",
            "常住社区",
            "居住地",
            "现居住地",
            "所属社区",
            "所在社区",
            "常住区划",
            "社区",
            "村社区",
            "社区村",
            "所属村社区",
        ),
        required=True,
    ),
    Field("hukou_kind", _("户口性质"), "choice", ("户籍性质", "户口类别", "户口类型", "户籍类型")),
    Field(
        "address",
        _("住址"),
        "text",
        ("家庭住址", "居住地址", "现住址", "详细地址", "联系地址", "常住地址", "address"),
        200,
    ),
    Field(
        "education_level",
        _("文化程度"),
        "choice",
        ("学历", "最高学历", "学历层次", "受教育程度", "教育程度", "education"),
    ),
    Field(
        "school",
        _("毕业院校"),
        "text",
        ("毕业学校", "院校", "学校", "学校名称", "毕业院校名称", "school"),
        80,
    ),
    Field(
        "graduated_on",
        _("毕业日期"),
        "date",
        ("毕业时间", "毕业年月", "毕业年月日", "graduationdate", "graduatedon"),
    ),
    Field("full_time", _("全日制"), "yes", ("是否全日制", "是否为全日制", "全日制教育")),
    Field(
        "employment_kind",
        _("就业状态"),
        "choice",
        ("就业形式", "就业情况", "就业状况", "就业类型", "就业方式"),
    ),
    Field(
        "employer_name",
        _("单位名称"),
        "text",
        ("工作单位", "就业单位", "用人单位", "企业名称", "就业单位名称", "用人单位名称"),
        120,
    ),
    Field(
        "credit_code",
        _("统一社会信用代码"),
        "code",
        ("信用代码", "社会信用代码", "单位信用代码", "统一信用代码", "单位统一社会信用代码", "creditcode"),
    ),
    Field(
        "employed_since",
        _("就业起始日期"),
        "date",
        (
            "就业日期",
            "就业时间",
            "就业开始日期",
            "入职日期",
            "入职时间",
            "参加工作时间",
            "合同起始日期",
            "录用日期",
        ),
    ),
    Field("monthly_wage", _("月工资"), "money", ("月工资元", "工资", "月薪", "工资收入", "月收入")),
    Field(
        "unemployed_since",
        _("失业登记日期"),
        "date",
        ("失业登记时间", "登记失业日期", "登记失业时间", "失业登记起始日期"),
    ),
    Field(
        "difficulty_category",
        _("就业困难类别"),
        "choice",
        ("就业困难人员类别", "困难类别", "就困类别", "就业困难类型", "困难类型", "认定类别"),
    ),
    Field(
        "difficulty_since",
        _("就业困难认定日期"),
        "date",
        ("就困认定日期", "就业困难认定时间", "困难认定日期", "认定日期", "认定时间"),
    ),
    Field("disabled", _("残疾"), "yes", ("是否残疾", "残疾人", "是否残疾人", "是否为残疾人", "残疾情况")),
    Field("disabled_since", _("残疾认定日期"), "date", ("残疾证日期", "残疾证发证日期", "残疾评定日期")),
    Field(
        "subsistence",
        _("低保"),
        "yes",
        ("是否低保", "低保对象", "是否低保对象", "享受低保", "最低生活保障", "是否享受低保"),
    ),
    Field("subsistence_since", _("低保起始日期"), "date", ("低保日期", "享受低保日期", "低保享受起始日期")),
    Field("veteran", _("退役军人"), "yes", ("是否退役军人", "退伍军人", "是否退伍军人", "是否退役")),
    Field("veteran_since", _("退役日期"), "date", ("退役时间", "退伍日期", "退伍时间")),
    Field("migrant", _("农民工"), "yes", ("是否农民工", "农村转移劳动力", "是否农村转移劳动力")),
    Field(
        "unemployed_graduate",
        _("离校未就业毕业生"),
        "yes",
        ("离校未就业", "离校未就业高校毕业生", "是否离校未就业", "是否离校未就业高校毕业生", "未就业毕业生"),
    ),
    Field("bank_name", _("开户行"), "text", ("开户银行", "银行名称", "银行", "开户行名称", "bank"), 60),
    Field(
        "bank_account",
        _("银行账号"),
        "account",
        ("银行卡号", "银行帐号", "账号", "卡号", "社保卡银行账号", "银行账户", "bankaccount"),
    ),
    Field("registered_on", _("登记日期"), "date", ("登记时间", "建档日期", "采集日期", "信息采集日期")),
)
BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}

# Columns that lists often carry and that the registry does not keep: known, so that nobody wonders.
NOT_KEPT = frozenset(
    [
        *("序号", "编号", "年龄", "周岁", "民族", "备注", "说明", "政治面貌", "婚姻状况", "籍贯"),
        *("填表人", "填报人", "联系人", "no"),
    ]
)

_NO_MARKS = re.compile(r"[\s*:：_\-/\\.、，,。“”\"'‘’]+")
_BRACKETS = re.compile(r"[(（\[【〔{][^)）\]】〕}]*[)）\]】〕}]")


def plain_heading(text: str) -> str:
    """A heading without spaces, marks and remarks in brackets, in half width and lower case."""
    text = unicodedata.normalize("NFKC", text)
    without = _NO_MARKS.sub("", _BRACKETS.sub("", text)).lower()
    # A heading that is nothing but brackets keeps what stands in them.
    return without or _NO_MARKS.sub("", text).lower().strip("()[]")


HEADINGS: dict[str, str] = {}
for _field in FIELDS:
    for _word in (_field.label, _field.name, *_field.synonyms):
        HEADINGS.setdefault(plain_heading(_word), _field.name)

YES_WORDS: dict[str, bool] = {
    **dict.fromkeys(("是", "有", "√", "✓", "y", "yes", "true", "1", "对"), True),
    **dict.fromkeys(("否", "无", "×", "n", "no", "false", "0", "不是", "没有", "-", "—", "/"), False),
}


def _words(labels: dict[str, str], extra: dict[str, str]) -> dict[str, str]:
    """Every way of writing a choice: its label, its code, and the words in use for it."""
    words = {**{label: code for code, label in labels.items()}, **{code: code for code in labels}, **extra}
    return {unicodedata.normalize("NFKC", word).lower(): code for word, code in words.items()}


# Employment states beyond the registry's four kinds of employment.
NOT_EMPLOYED = {
    "unemployed": "失业",
    "student": "在校学生",
    "pensioner": "退休",
    "outside_labour": "未在劳动力市场",
}

# What does not say which of two it is stays out: 居民户口 (neither urban nor rural), 研究生 (master or doctor), 技校.
CHOICES: dict[str, dict[str, str]] = {
    "sex": _words(SEXES, {"男性": "male", "女性": "female", "m": "male", "f": "female"}),
    "hukou_kind": _words(
        HUKOU_KINDS,
        {
            "城镇户口": "urban",
            "城镇户籍": "urban",
            "非农业": "urban",
            "非农业户口": "urban",
            "非农": "urban",
            "农村户口": "rural",
            "农村户籍": "rural",
            "农业": "rural",
            "农业户口": "rural",
        },
    ),
    "education_level": _words(
        EDUCATION_LEVELS,
        {
            "初中毕业": "junior_secondary",
            "普通高中": "senior_secondary",
            "职高": "secondary_vocational",
            "职业高中": "secondary_vocational",
            "中职": "secondary_vocational",
            "中等专科": "secondary_vocational",
            "中级工班": "technician_intermediate",
            "高级工班": "technician_senior",
            "预备技师班": "technician_preparatory",
            "技师班": "technician_preparatory",
            "专科": "junior_college",
            "大学专科": "junior_college",
            "高职": "junior_college",
            "大学本科": "bachelor",
            "学士": "bachelor",
            "硕士研究生": "master",
            "博士研究生": "doctor",
        },
    ),
    "employment_kind": _words(
        {**EMPLOYMENT_KINDS, **NOT_EMPLOYED},
        {
            "就业": "employee",
            "在职": "employee",
            "在岗": "employee",
            "已就业": "employee",
            "单位招用": "employee",
            "企业就业": "employee",
            "自主创业": "self_employed",
            "个体": "self_employed",
            "个体工商户": "self_employed",
            "自由职业": "flexible",
            "公益岗": "public_welfare_post",
            "公益岗位": "public_welfare_post",
            "未就业": "unemployed",
            "登记失业": "unemployed",
            "失业登记": "unemployed",
            "无业": "unemployed",
            "在校": "student",
            "在读": "student",
            "学生": "student",
            "已退休": "pensioner",
            "离退休": "pensioner",
        },
    ),
    "difficulty_category": _words(
        DIFFICULTY_CATEGORIES,
        {
            "低保": "subsistence_allowance",
            "低保人员": "subsistence_allowance",
            "低保家庭": "subsistence_allowance",
            "最低生活保障": "subsistence_allowance",
            "大龄": "older",
            "大龄失业人员": "older",
            "大龄人员": "older",
            "4050人员": "older",
            "4050": "older",
            "特困职工": "needy_worker_family",
            "残疾人": "disabled",
            "残疾人员": "disabled",
            "零就业家庭": "zero_job_household",
            "零就业家庭成员": "zero_job_household",
            "零转移家庭": "zero_job_household",
            "连续失业一年以上": "unemployed_one_year",
            "长期失业": "unemployed_one_year",
            "长期失业人员": "unemployed_one_year",
            "失地农民": "land_requisitioned",
            "优抚对象": "preferential_treatment_family",
            "退役军人": "veteran",
            "低收入农户": "low_income_rural",
            "其他": "set_by_city",
            "其他人员": "set_by_city",
        },
    ),
}
# Each choice as the registry writes it: what a refusal offers.
CHOICE_NAMES: dict[str, dict[str, str]] = {
    "sex": SEXES,
    "hukou_kind": HUKOU_KINDS,
    "education_level": EDUCATION_LEVELS,
    "employment_kind": {**EMPLOYMENT_KINDS, **NOT_EMPLOYED},
    "difficulty_category": DIFFICULTY_CATEGORIES,
}
