"""The numbers that a sentence of a plan states, in the base unit."""

from __future__ import annotations

from fractions import Fraction

import pytest

from jiuye.engine.plan.rows import plain_number
from jiuye.engine.plan.words import matching_prefix, numbers_in


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("新增就业15万人以上", "150000"),
        ("不低于3.6亿元", "360000000"),
        ("培训6.8万人次", "68000"),
        ("控制在5.5%左右", "5.5"),
        ("建设基地2-3个", "2"),
        ("建设基地2-3个", "3"),
        ("吸纳千名各族群众", "1000"),
        ("实现全覆盖", "100"),
        ("消除“零投入”现象", "0"),
        ("岗位1万个", "10000"),
    ],
)
def test_a_number_is_read_with_its_chinese_scale(text, stated):
    assert Fraction(stated) in numbers_in(text)


@pytest.mark.parametrize("text", ["新增就业十万人", "百校千企活动", "没有数字", "数千名学生"])
def test_what_is_no_plain_number_is_not_read(text):
    assert numbers_in(text) == set()


def test_ten_thousand_is_not_read_out_of_fifteen_ten_thousands():
    assert numbers_in("15万人") == {Fraction(150000)}


def test_a_misquotation_is_followed_to_the_character_where_it_goes_astray():
    assert matching_prefix("每年修渠4条", "修渠。每年修渠3条。") == 4
    assert matching_prefix("每年", "每年修渠") == 2


def test_numbers_for_json_are_integers_wherever_they_can_be():
    assert plain_number(Fraction(150000)) == 150000
    assert isinstance(plain_number(Fraction(150000)), int)
    assert plain_number(Fraction(11, 2)) == 5.5
