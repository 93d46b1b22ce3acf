"""Why a row is sent back, or what is worth knowing about it: every code with its sentence and what to do.

The checks write codes and particulars; the sentence is made where it is read, in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from jiuye.office.registry.importing.fields import BY_NAME, CHOICE_NAMES


@dataclass(frozen=True, slots=True)
class Reason:
    """`says` what is wrong and why; `do` what to do. Both may use %(column)s, %(value)s, %(a)s and %(b)s."""

    says: str
    do: str


REASONS: dict[str, Reason] = {
    # The ID number.
    "id_empty": Reason(_("身份证号为空"), _("填写身份证号")),
    "id_mangled_exponent": Reason(
        _("身份证号被电子表格变成了科学计数法（%(value)s），后几位已经丢失，无法还原"),
        _("向本人或原始登记核对完整的18位号码，把该列设为“文本”格式后重新填写"),
    ),
    "id_mangled_zeros": Reason(
        _("身份证号被电子表格按数值保存，第16位以后已被舍入，校验位对不上，无法还原"),
        _("向本人或原始登记核对完整的18位号码，把该列设为“文本”格式后重新填写"),
    ),
    "id_suspect_zeros": Reason(
        _("身份证号以000结尾。本表另有%(a)s个号码被电子表格舍入，这一个也可能是，校验位碰巧相符"),
        _("核对原始号码；确为本人号码的，请单独登记此人，或待其他号码更正后重新导入"),
    ),
    "id_length": Reason(_("身份证号有%(a)s位，应为18位（旧号15位）"), _("核对是否多写或少写了数字")),
    "id_character": Reason(
        _("身份证号里有数字和X以外的字符"), _("删去多余的字符，或核对该列填的是否身份证号")
    ),
    "id_province": Reason(_("身份证号的前两位%(a)s不是省级区划代码"), _("核对号码")),
    "id_birth_date": Reason(_("身份证号中的出生日期%(a)s不存在，或晚于今天"), _("核对号码")),
    "id_checksum": Reason(_("身份证号的校验位不对，有数字输错或前后颠倒"), _("对照身份证原件核对号码")),
    # Duplicates.
    "duplicate_in_file": Reason(
        _("与本表%(a)s完全重复"), _("无需处理，已按第一次出现的那一行办理；也可删去本行")
    ),
    "duplicate_differs": Reason(
        _("与本表%(a)s是同一个身份证号，但内容不同（%(b)s），无法判断哪一行是对的"), _("只保留正确的一行")
    ),
    "name_differs": Reason(
        _("此身份证号在册登记的姓名是%(a)s（居民编号%(b)s），与表中的姓名不同"),
        _("核对号码和姓名；本人确已改名的，先在居民页面更正姓名"),
    ),
    "recorded_elsewhere": Reason(
        _("此人已在册（居民编号%(b)s），常住地登记在%(a)s，不在您的管辖区划内"),
        _("请由登记地办理迁出，或由市级统一导入"),
    ),
    "recorded_dead": Reason(_("此人在册已登记死亡（%(a)s，居民编号%(b)s）"), _("核对号码是否填错")),
    # Cross-checks against the ID number.
    "birth_date_differs": Reason(_("出生日期与身份证号中的%(a)s不一致"), _("核对两处，以身份证原件为准")),
    "sex_differs": Reason(_("性别与身份证号不一致：号码第17位表示%(a)s"), _("核对两处，以身份证原件为准")),
    # Single cells.
    "empty": Reason(_("%(column)s为空"), _("填写%(column)s")),
    "too_long": Reason(_("%(column)s有%(a)s个字，最多%(b)s个字"), _("缩短内容，或核对是否填错列")),
    "name_odd": Reason(_("姓名里有数字或符号"), _("填写身份证上的姓名，不带编号、称谓和标点")),
    "sex_unknown": Reason(_("性别只能填男或女"), _("改为男或女，或留空（以身份证号为准）")),
    "date_unreadable": Reason(_("%(column)s不是日期"), _("写成2024-07-01这样的年月日")),
    "date_impossible": Reason(_("%(column)s在日历上不存在"), _("核对年月日")),
    "date_serial": Reason(
        _("%(column)s是电子表格的日期序号，按通常的算法是%(a)s"), _("把单元格设为“日期”格式，核对后重新上传")
    ),
    "date_month": Reason(_("%(column)s只写到月"), _("写到日")),
    "date_future": Reason(_("%(column)s晚于今天"), _("核对年月日")),
    "date_too_early": Reason(_("%(column)s早于1900年"), _("核对年月日")),
    "before_birth": Reason(_("%(column)s早于出生日期%(a)s"), _("核对两个日期")),
    "phone_shape": Reason(_("手机号应为11位，以13至19开头"), _("填写本人手机号；没有手机的留空")),
    "phone_mangled": Reason(_("手机号被电子表格变成了科学计数法"), _("把该列设为“文本”格式后重新填写")),
    "choice_unknown": Reason(_("%(column)s里没有“%(value)s”这一项，相近的是“%(a)s”"), _("改用：%(b)s")),
    "choice_unlike": Reason(_("%(column)s里没有“%(value)s”这一项"), _("改用：%(b)s")),
    "yes_unknown": Reason(_("%(column)s只能填是或否"), _("改为是、否或留空")),
    "code_invalid": Reason(_("统一社会信用代码不对：应为18位且校验位相符"), _("对照营业执照核对")),
    "money_shape": Reason(_("%(column)s不是金额"), _("以元为单位填写数字，最多两位小数")),
    "account_mangled": Reason(
        _("银行账号被电子表格按数值保存，末几位已经丢失"), _("把该列设为“文本”格式，照银行卡重新填写")
    ),
    "account_shape": Reason(_("银行账号应为10至30位数字"), _("照银行卡或存折填写")),
    "account_checksum": Reason(_("银行卡号的校验位不对，有数字输错"), _("照银行卡核对")),
    # Places and scope.
    "place_unknown": Reason(
        _("%(column)s“%(value)s”不在区划目录内，相近的是“%(a)s”"), _("改用目录里的名称或代码")
    ),
    "place_unlike": Reason(_("%(column)s“%(value)s”不在区划目录内"), _("填写社区（村）的名称或12位区划代码")),
    "place_ambiguous": Reason(
        _("叫“%(value)s”的地方不止一处：%(a)s"), _("连同街道（镇）一起写，或写区划代码")
    ),
    "place_closed": Reason(_("“%(value)s”已于%(a)s撤销"), _("填写现在的社区（村）")),
    "out_of_scope": Reason(_("常住地%(a)s不在您的管辖区划内"), _("请由当地经办人员导入")),
    # Facts that do not fit together.
    "employment_without_start": Reason(
        _("写了就业，没有就业起始日期"), _("填写就业起始日期；确实不知道的，清空就业状态和单位")
    ),
    "employment_without_employer": Reason(
        _("就业状态是%(a)s，没有用人单位"),
        _("填写单位名称和统一社会信用代码；没有单位的，就业状态改为灵活就业或个体经营"),
    ),
    "flexible_with_employer": Reason(
        _("灵活就业没有用人单位，表中写了“%(a)s”"), _("就业状态改为单位就业，或清空单位")
    ),
    "not_employed_with_work": Reason(
        _("就业状态是%(a)s，却写了单位或就业起始日期"), _("核对现状，只保留一种")
    ),
    "employed_and_unemployed": Reason(_("同时写了就业和失业登记"), _("核对现状，只保留一种")),
    "employed_too_young": Reason(_("就业起始日期时不满16周岁（出生于%(a)s）"), _("核对就业起始日期")),
    "education_without_level": Reason(_("写了毕业院校或毕业日期，没有文化程度"), _("填写文化程度")),
    "difficulty_without_category": Reason(_("写了就业困难认定日期，没有就业困难类别"), _("填写认定的类别")),
    "date_without_yes": Reason(_("写了%(column)s，但“%(a)s”没有填是"), _("核对两列")),
    "code_without_name": Reason(
        _("统一社会信用代码%(value)s没有登记过的单位，表中也没有单位名称"), _("填写单位名称")
    ),
    "employer_unknown": Reason(
        _("没有登记过名称为“%(value)s”的单位，表中也没有统一社会信用代码"), _("填写统一社会信用代码")
    ),
    "employer_ambiguous": Reason(_("名称为“%(value)s”的单位不止一个"), _("填写统一社会信用代码")),
    "employer_elsewhere": Reason(
        _("单位“%(a)s”尚未登记，其登记机关（%(b)s）不在本市区划内，无法由导入建立"),
        _("先在“单位”里登记该单位，再导入"),
    ),
    "employer_kind_unknown": Reason(
        _("单位“%(a)s”尚未登记，从信用代码看不出单位类型"), _("先在“单位”里登记该单位，再导入")
    ),
    # Facts that do not fit the record.
    "status_overlaps": Reason(
        _("在册已有%(a)s（%(b)s），与表中的起始日期重叠"),
        _("核对起始日期；前一段已结束的，先在居民页面办理结束"),
    ),
    "employment_overlaps": Reason(
        _("在册已有就业经历（%(a)s，%(b)s），与表中的时间重叠"),
        _("核对起始日期；前一段已结束的，先在居民页面办理结束"),
    ),
    # Rows and columns that moved.
    "row_shifted_right": Reason(
        _("本行从“%(column)s”起向右错了一列：“%(a)s”列里的是%(b)s"),
        _("在电子表格里把本行移回原位，逐列核对"),
    ),
    "row_shifted_left": Reason(
        _("本行从“%(column)s”起向左错了一列：“%(a)s”列里的是%(b)s"),
        _("在电子表格里把本行移回原位，逐列核对"),
    ),
}

NOTES: dict[str, Reason] = {
    "fifteen_digits": Reason(_("15位旧身份证号已换算成18位"), _("无需处理")),
    "status_from_today": Reason(_("“%(a)s”没有起始日期，按入库当日起登记"), _("知道起始日期的，补上日期列")),
    "graduated_month": Reason(_("毕业日期只写到月，按当月1日登记"), _("无需处理，或补上日")),
    "unemployed_undated": Reason(
        _("就业状态为失业，没有失业登记日期：不登记失业登记身份"), _("已办失业登记的，补上日期")
    ),
    "employee_assumed": Reason(_("没有就业状态，有用人单位：按单位就业登记"), _("无需处理")),
    "hukou_elsewhere": Reason(_("户籍地“%(value)s”不在本市区划内，不登记户籍区划"), _("无需处理")),
    "residence_coarse": Reason(_("常住地只写到“%(value)s”，派不到社区（村）"), _("知道社区（村）的，补上")),
    "employer_name_kept": Reason(_("单位名称以在册的“%(a)s”为准"), _("无需处理")),
    "employer_new": Reason(_("新登记单位“%(a)s”"), _("入库后补全单位信息")),
    "employment_parallel": Reason(
        _("在册另有未结束的就业经历（%(a)s，%(b)s）"), _("已离职的，在居民页面办理结束")
    ),
    "wage_kept": Reason(_("在册的就业经历已有月工资，保留在册的数"), _("无需处理")),
    "graduation_kept": Reason(_("在册的毕业日期是%(a)s，保留在册的日期"), _("核对两处")),
    "same_number_of_phone": Reason(_("手机号与本表%(a)s人共用"), _("核对是否填了代办人的手机号")),
}


SHIFTED = ("row_shifted_right", "row_shifted_left")
CHOICE = ("choice_unknown", "choice_unlike")


@dataclass(frozen=True, slots=True)
class Worded:
    """A finding in the current language: the column, what is wrong, and what to do."""

    column: str
    says: str
    do: str


def worded(*, field: str, code: str, value: str, a: str, b: str) -> Worded:
    """A finding in words. The particulars may be words of the registry, which have a translation, or anything else."""
    reason = REASONS.get(code) or NOTES[code]
    # A shifted row names the heading at which it starts in its value; a row as a whole has no column.
    column = value if code in SHIFTED else (gettext(BY_NAME[field].label) if field in BY_NAME else "")
    if code in CHOICE:
        b = gettext("、").join(gettext(label) for label in CHOICE_NAMES[field].values())
    words = {name: gettext(word) if word else "" for name, word in {"a": a, "b": b, "column": column}.items()}
    words["value"] = value
    return Worded(words["column"], gettext(reason.says) % words, gettext(reason.do) % words)
