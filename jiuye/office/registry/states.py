"""The fixed vocabularies of the registry: national concepts, in their standard terms. Nothing of one city."""

from __future__ import annotations

SEXES = {"male": "男", "female": "女"}
HUKOU_KINDS = {"urban": "城镇", "rural": "农村"}
DIVISION_KINDS = {
    "city": "设区市",
    "county": "县（市、区）",
    "zone": "功能区",
    "street": "街道（镇、乡、园区）",
    "village": "社区（村）",
}
STATUS_KINDS = {
    "registered_unemployed": "失业登记",
    "employment_difficulty": "就业困难人员",
    "unemployed_graduate": "离校未就业高校毕业生",
    "veteran": "退役军人",
    "disabled": "残疾人",
    "migrant_worker": "农民工",
    "subsistence_allowance": "低保对象",
    "zero_job_household": "零就业家庭成员",
    "flexible_employment": "灵活就业登记",
    "student": "在校学生",
    "pensioner": "享受养老待遇",
    "subsidy_extension": "社会保险补贴一次性延长",
}
# Those that another department's register holds, each delivered as a kind of its own. The others are what this office itself registers and
# recognises: whoever has no row of them was not.
DELIVERED_STATUSES = ("student", "disabled", "subsistence_allowance", "veteran", "pensioner")
# 江苏省就业困难人员认定管理办法（苏人社规〔2020〕2号）第二条: the eleven categories.
DIFFICULTY_CATEGORIES = {
    "subsistence_allowance": "享受最低生活保障",
    "older": "大龄（女40周岁以上、男50周岁以上）",
    "needy_worker_family": "特困职工家庭",
    "disabled": "残疾",
    "zero_job_household": "城镇零就业家庭和农村零转移家庭",
    "unemployed_one_year": "连续失业1年以上",
    "land_requisitioned": "被征地农民",
    "preferential_treatment_family": "优抚对象家庭",
    "veteran": "军队退役",
    "low_income_rural": "建档立卡低收入农户",
    "set_by_city": "设区市确定的其他人员",
}
EMPLOYER_KINDS = {
    "enterprise": "企业",
    "individual_business": "个体工商户",
    "private_non_enterprise": "民办非企业单位",
    "social_organisation": "社会团体",
    "government": "机关",
    "public_institution": "事业单位",
}
EMPLOYER_SIZES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
EMPLOYMENT_KINDS = {
    "employee": "单位就业",
    "self_employed": "个体经营",
    "flexible": "灵活就业",
    "public_welfare_post": "公益性岗位",
}
EDUCATION_LEVELS = {
    "primary": "小学",
    "junior_secondary": "初中",
    "senior_secondary": "高中",
    "secondary_vocational": "中专",
    "technician_intermediate": "技工院校中级工班",
    "technician_senior": "技工院校高级工班",
    "technician_preparatory": "技工院校预备技师（技师）班",
    "junior_college": "大专",
    "bachelor": "本科",
    "master": "硕士",
    "doctor": "博士",
}
CONTRIBUTION_PAYERS = {"employer": "单位缴纳", "person": "个人缴纳"}
# GB/T 4754-2017: the twenty sections.
INDUSTRIES = {
    "A": "农、林、牧、渔业",
    "B": "采矿业",
    "C": "制造业",
    "D": "电力、热力、燃气及水生产和供应业",
    "E": "建筑业",
    "F": "批发和零售业",
    "G": "交通运输、仓储和邮政业",
    "H": "住宿和餐饮业",
    "I": "信息传输、软件和信息技术服务业",
    "J": "金融业",
    "K": "房地产业",
    "L": "租赁和商务服务业",
    "M": "科学研究和技术服务业",
    "N": "水利、环境和公共设施管理业",
    "O": "居民服务、修理和其他服务业",
    "P": "教育",
    "Q": "卫生和社会工作",
    "R": "文化、体育和娱乐业",
    "S": "公共管理、社会保障和社会组织",
    "T": "国际组织",
}
# What is looked at when somebody is registered at a counter. The first three hold one and the same number.
PERSON_PAPERS = {
    "id_card": "居民身份证",
    "temporary_id_card": "临时居民身份证",
    "household_book": "居民户口簿",
    "residence_permit": "港澳台居民居住证",
    "permanent_residence": "外国人永久居留身份证",
}
EMPLOYER_PAPERS = {
    "business_licence": "营业执照",
    "institution_certificate": "事业单位法人证书",
    "organisation_certificate": "社会组织登记证书",
    "code_certificate": "统一社会信用代码证书",
}
