"""Uploads that are what they say, and those that are not."""

from __future__ import annotations

import io
import zipfile

import pytest

from jiuye.office.registry.importing.files import UnreadableFileError, read_file
from tests.office.registry.importing.situations import row, table, workbook


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read_file(name, content)
    return str(caught.value)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_the_encodings_that_offices_use_rare_characters_included(encoding):
    (sheet,) = read_file("名单.csv", table(row("𠮷野"), encoding=encoding))
    assert sheet.frame["c0"].to_list() == ["姓名", "𠮷野"]


def test_a_table_with_tabs_and_quoted_line_breaks_keeps_its_row_numbers():
    content = '姓名\t备注\n张三\t"两\n行"\n李四\t无\n'.encode()
    (sheet,) = read_file("名单.txt", content)
    assert sheet.frame.rows() == [(1, "姓名", "备注"), (2, "张三", "两\n行"), (3, "李四", "无")]


def test_rows_of_different_lengths_are_filled_up():
    (sheet,) = read_file("名单.csv", b"a,b\n1\n1,2,3\n")
    assert sheet.frame.rows() == [(1, "a", "b", ""), (2, "1", "", ""), (3, "1", "2", "3")]


def test_a_workbook_keeps_row_numbers_behind_blank_rows_and_reads_every_sheet_as_text():
    content = workbook(城区=[[], ["标题"], ["姓名", "年龄"], [], ["张三", 34]], 农村=[["姓名"], ["李四"]])
    first, second = read_file("名单.xlsx", content)
    assert first.frame.rows()[2] == (3, "姓名", "年龄")
    assert first.frame.rows()[4] == (5, "张三", "34")
    assert (second.name, second.frame.height) == ("农村", 2)


def test_an_empty_file_is_refused():
    assert "0字节" in refusal("名单.xlsx", b"")


def test_a_workbook_without_any_cell_is_refused():
    assert "没有任何内容" in refusal("名单.xlsx", workbook(空=[]))


def test_text_named_xlsx_is_refused_as_no_workbook():
    assert "却不是工作簿" in refusal("名单.xlsx", "姓名,身份证号".encode())


def test_an_ordinary_zip_named_xlsx_is_refused():
    assert "压缩包" in refusal("名单.xlsx", zipped(a_dot_txt=b"x"))


def test_a_workbook_with_macros_is_refused_under_either_name():
    content = zipped(xl__workbook_dot_xml=b"<x/>", xl__vbaProject_dot_bin=b"x")
    assert "宏" in refusal("名单.xlsx", content)
    assert "宏" in refusal("名单.xlsm", content)


def test_a_broken_workbook_is_refused_with_what_to_do():
    assert "重新保存" in refusal("名单.xlsx", zipped(xl__workbook_dot_xml=b"<not closed"))


def test_a_protected_workbook_is_refused_and_the_password_named():
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")
    assert "打开密码" in refusal("名单.xlsx", content)


def test_an_old_workbook_is_refused_under_either_name():
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
    assert ".xls" in refusal("名单.xlsx", content)
    assert "另存为 .xlsx" in refusal("名单.xls", content)


def test_a_workbook_named_csv_is_refused():
    assert "内容却是工作簿" in refusal("名单.csv", workbook(a=[["姓名"]]))


def test_binary_data_named_csv_is_refused():
    assert "二进制" in refusal("名单.csv", b"\x89PNG\r\n\x00\x00\x01")
    assert "编码" in refusal("名单.csv", bytes(range(1, 9)) * 50)


def test_any_other_kind_of_file_is_refused():
    assert "只能导入" in refusal("名单.pdf", b"%PDF-1.7")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr("jiuye.office.registry.importing.files.MAX_BYTES", 10)
    assert "上限" in refusal("名单.csv", b"x" * 11)


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("jiuye.office.registry.importing.files.MAX_ROWS", 3)
    assert "4行" in refusal("名单.csv", b"a\n1\n2\n3\n")


def test_a_zip_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("jiuye.office.registry.importing.files.MAX_UNPACKED_BYTES", 100)
    assert "过大" in refusal("名单.xlsx", workbook(a=[["姓名"]]))
