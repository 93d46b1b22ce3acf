"""Names for invented people and firms: lists of our own, drawn by the usual frequencies."""

from __future__ import annotations

from random import Random

# The commonest surnames of the lower Yangzi, the commoner ones written several times.
SURNAMES = (
    "王王王王张张张张陈陈陈李李李刘刘刘徐徐徐周周周朱朱朱吴吴吴杨杨孙孙赵赵黄黄胡胡高高"
    "马马林许何郭沈韩曹戴蒋陆顾丁潘丁姜姚夏钱谢宋唐冯于董程曾吕苏卢蔡贾魏薛叶阎余杜汪"
    "田任方石谭廖邹熊金郝孔白崔康毛邱秦江史侯邵孟龙万段雷汤尹黎易常武乔贺赖龚文仇卞"
)
MALE_OLD = "国建志明德荣富贵成宝永庆祥福林根海金树长春生文华龙兴"
FEMALE_OLD = "秀兰桂英凤玉珍芳红梅淑华霞云香翠琴莲美萍芬娣扣粉巧"
MALE_MIDDLE = "建军伟强勇斌峰军平俊涛波辉东宏磊刚健超飞亮鹏林旭"
FEMALE_MIDDLE = "丽敏静燕娟艳霞红梅玲芳萍莉慧洁琴娜婷颖云芸蓉琳"
MALE_YOUNG = "浩宇轩杰博文俊晨泽睿子豪天一鑫嘉诚皓铭瑞航毅凡晟然"
FEMALE_YOUNG = "欣怡雨梓涵诗琪佳妍思彤子萱语馨梦瑶晓雯可若曦悦琳依"
# Characters beyond the basic plane and rare ones inside it do occur in registers; software must carry them.
RARE = ("𠮷", "堃", "㛃", "䶮", "𬭎", "犇")

FIRM_FIRST = "恒瑞宏远华鑫天盛金泰永兴亚星东方中联江海润扬博通立信安达新源嘉禾万顺"
FIRM_SECOND = "达丰成源业隆和昌泰通辉腾创科益祥凯跃诚联"
FIRM_TRADES: tuple[tuple[str, str, str], ...] = (
    ("C", "机械制造有限公司", "汽车零部件有限公司"),
    ("C", "电子科技有限公司", "服饰有限公司"),
    ("C", "化工材料有限公司", "玩具礼品有限公司"),
    ("C", "电缆有限公司", "食品有限公司"),
    ("E", "建设工程有限公司", "装饰工程有限公司"),
    ("F", "商贸有限公司", "贸易有限公司"),
    ("F", "百货有限公司", "建材销售有限公司"),
    ("G", "物流有限公司", "运输有限公司"),
    ("H", "餐饮管理有限公司", "酒店管理有限公司"),
    ("I", "软件有限公司", "网络科技有限公司"),
    ("L", "人力资源有限公司", "商务服务有限公司"),
    ("M", "检测技术有限公司", "工程设计有限公司"),
    ("O", "家政服务有限公司", "汽车维修有限公司"),
    ("A", "生态农业有限公司", "水产养殖有限公司"),
)
SHOP_TRADES: tuple[tuple[str, str], ...] = (
    ("H", "小吃店"),
    ("H", "早茶馆"),
    ("F", "便利店"),
    ("F", "服装店"),
    ("F", "五金店"),
    ("F", "水果店"),
    ("O", "理发店"),
    ("O", "电器维修部"),
    ("O", "洗车行"),
    ("C", "玉雕工作室"),
    ("G", "快递服务站"),
    ("F", "文具店"),
)
SCHOOLS_COLLEGE = ("扬州大学", "扬州市职业大学", "江苏旅游职业学院", "扬州工业职业技术学院", "省外高校")
BANKS = (
    "中国工商银行",
    "中国农业银行",
    "中国银行",
    "中国建设银行",
    "江苏银行",
    "扬州农村商业银行",
    "邮政储蓄银行",
)


def person_name(random: Random, sex: str, birth_year: int) -> str:
    """A name that fits the sex and the years of birth; two or three characters."""
    if birth_year < 1965:
        pool = MALE_OLD if sex == "male" else FEMALE_OLD
        lengths = 0.75
    elif birth_year < 1990:
        pool = MALE_MIDDLE if sex == "male" else FEMALE_MIDDLE
        lengths = 0.45
    else:
        pool = MALE_YOUNG if sex == "male" else FEMALE_YOUNG
        lengths = 0.8
    given = random.choice(pool)
    if random.random() < lengths:
        given += random.choice(pool)
    elif random.random() < 0.004:
        given = random.choice(RARE)
    return random.choice(SURNAMES) + given


def firm_name(random: Random, city: str) -> tuple[str, str]:
    """The name of an enterprise and its industry (GB/T 4754-2017, one letter)."""
    industry, first, second = random.choice(FIRM_TRADES)
    stem = (
        random.choice(FIRM_FIRST)
        + random.choice(FIRM_SECOND)
        + random.choice(("", random.choice(FIRM_FIRST)))
    )
    return f"{city}{stem}{random.choice((first, second))}", industry


def shop_name(random: Random, county: str, owner: str) -> tuple[str, str]:
    """The name of an individual business, after its owner, and its industry."""
    industry, trade = random.choice(SHOP_TRADES)
    stem = owner[0] + random.choice(("记", "氏", "家", "")) + random.choice(FIRM_FIRST)
    return f"{county}{stem}{trade}", industry
