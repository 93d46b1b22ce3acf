"""Reading an uploaded workbook or table: every cell as text, with the row number that the office sees.

What is not what its name says is refused with one sentence: what it is, and what to do.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import fastexcel
import polars as pl
from django.utils.translation import gettext as _

from jiuye.exchange.workbooks import too_far

MAX_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_BYTES = (
    1536 * 1024 * 1024
)  # a workbook is a zip: one that unpacks to more is a trap or a mistake
MAX_ROWS = 500_000
MAX_COLUMNS = 200
_CHUNK = 20_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class UnreadableFileError(ValueError):
    """The file cannot be imported at all. The sentence says what it is and what to do instead."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: text columns `c0`, `c1`, …, and `row`, the row's number in the file counted from 1."""

    name: str
    frame: pl.DataFrame
    hidden: bool = False

    @property
    def columns(self) -> list[str]:
        return [name for name in self.frame.columns if name != "row"]


def read_file(name: str, content: bytes) -> list[Sheet]:
    """The sheets of an .xlsx, or the one sheet of a .csv or .txt.

    Raises UnreadableFileError for everything else, for empty, too large, protected and macro files.
    """
    if not content:
        raise UnreadableFileError(_("文件是空的（0字节）。请确认保存成功后重新上传。"))
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(
            _("文件有%(size)d MB，超过%(limit)d MB的上限。请按街道拆成几个文件分别导入。")
            % {"size": len(content) // 1024 // 1024, "limit": MAX_BYTES // 1024 // 1024}
        )
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix == "xlsx":
        sheets = _read_workbook(content)
    elif suffix in ("csv", "txt", "tsv"):
        sheets = [_read_table(content)]
    else:
        raise UnreadableFileError(_WRONG_SUFFIX.get(suffix, _WRONG_SUFFIX["?"])())
    rows = sum(sheet.frame.height for sheet in sheets)
    if rows > MAX_ROWS:
        raise UnreadableFileError(
            _("文件有%(rows)d行，超过%(limit)d行的上限。请拆成几个文件分别导入。")
            % {"rows": rows, "limit": MAX_ROWS}
        )
    if all(sheet.frame.is_empty() for sheet in sheets):
        raise UnreadableFileError(_("文件里没有任何内容。请确认上传的是填好的那一份。"))
    return sheets


_WRONG_SUFFIX = {
    "xls": lambda: _("这是旧格式的 .xls 文件。请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传。"),
    "et": lambda: _("这是 WPS 的 .et 文件。请另存为 .xlsx 后再上传。"),
    "xlsm": lambda: _("这是带宏的 .xlsm 文件，出于安全不予读取。请另存为不带宏的 .xlsx 后再上传。"),
    "xlsb": lambda: _("这是二进制的 .xlsb 文件。请另存为 .xlsx 后再上传。"),
    "?": lambda: _("只能导入 .xlsx 和 .csv 文件。请把名单另存为 .xlsx 后再上传。"),
}


# ---------------------------------------------------------------------------------------------- workbooks


def _read_workbook(content: bytes) -> list[Sheet]:
    _refuse_what_is_no_workbook(content)
    _refuse_what_reaches_too_far(content)
    try:
        reader = fastexcel.read_excel(content)
        names = reader.sheet_names
    except Exception as error:  # the reader's own error classes are not one family
        raise UnreadableFileError(
            _("工作簿已损坏，无法读取。请用 WPS 或 Excel 打开并重新保存后再上传。")
        ) from error
    return [sheet for name in names if (sheet := _read_sheet(reader, name)) is not None]


def _refuse_what_is_no_workbook(content: bytes) -> None:
    if content.startswith(_OLE):
        # A protected .xlsx is an OLE container that holds a stream of this name, written in UTF-16.
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableFileError(
                _("工作簿有打开密码。请在 WPS 或 Excel 里取消密码（另存为时清空“打开权限密码”）后再上传。")
            )
        raise UnreadableFileError(
            _("文件名是 .xlsx，内容却是旧格式的 .xls。请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传。")
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFileError(
            _("文件名是 .xlsx，内容却不是工作簿。请用 WPS 或 Excel 打开原文件，另存为 .xlsx 后再上传。")
        ) from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise UnreadableFileError(
            _("文件名是 .xlsx，内容却不是工作簿（只是一个压缩包）。请把里面的表格另存为 .xlsx 后再上传。")
        )
    if any(name.endswith("vbaProject.bin") for name in names):
        raise UnreadableFileError(_("工作簿里有宏，出于安全不予读取。请另存为不带宏的 .xlsx 后再上传。"))
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            _("工作簿展开后过大，无法读取。请只保留名单所在的工作表，另存为 .xlsx 后再上传。")
        )


def _refuse_what_reaches_too_far(content: bytes) -> None:
    """Before the reader lays the rectangle out: one stray cell far away asks for more memory than there is."""
    try:
        extent = too_far(content)
    except zipfile.BadZipFile as error:
        raise UnreadableFileError(
            _("工作簿已损坏，无法读取。请用 WPS 或 Excel 打开并重新保存后再上传。")
        ) from error
    if extent is not None:
        raise UnreadableFileError(
            _(
                "工作表的内容一直到单元格%(cell)s，范围有%(rows)d行、%(columns)d列，太大而不能读取，多半是远处有误填的内容。请删去名单以外的行和列后再上传。"
            )
            % {"cell": extent.furthest, "rows": extent.rows, "columns": extent.columns}
        )


def _read_sheet(reader: fastexcel.ExcelReader, name: str) -> Sheet | None:
    """The sheet as text, or None where it has no cell (a chart sheet, an empty one)."""
    try:
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    except Exception as error:
        raise UnreadableFileError(
            _("工作表“%(name)s”无法读取。请重新保存工作簿，或删去这张工作表后再上传。") % {"name": name}
        ) from error
    if sheet.width == 0 or sheet.total_height == 0:
        return None
    if sheet.width > MAX_COLUMNS:
        raise UnreadableFileError(
            _("工作表“%(name)s”有%(columns)d列，超过%(limit)d列的上限。请删去名单以外的列后再上传。")
            % {"name": name, "columns": sheet.width, "limit": MAX_COLUMNS}
        )
    frame = sheet.to_polars()
    frame.columns = [f"c{index}" for index in range(frame.width)]
    return Sheet(name, frame.with_row_index("row", offset=1), hidden=sheet.visible != "visible")


# ------------------------------------------------------------------------------------------------- tables


def _read_table(content: bytes) -> Sheet:
    text = _decode(content)
    head = text[:20_000]
    first = next((line for line in head.splitlines() if line.strip()), "")
    delimiter = max("\t,;", key=first.count)
    try:
        frame = pl.concat(list(_chunks(text, delimiter)), how="diagonal")
    except csv.Error as error:
        raise UnreadableFileError(
            _("表格无法按行列读取（%(error)s）。请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传。")
            % {"error": error}
        ) from error
    if frame.width - 1 > MAX_COLUMNS:
        raise UnreadableFileError(_("表格的列数超过%(limit)d列的上限。") % {"limit": MAX_COLUMNS})
    return Sheet("CSV", frame)


def _decode(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", _OLE)):
        raise UnreadableFileError(
            _("文件名是 .csv，内容却是工作簿。请把文件名改回 .xlsx（或 .xls 另存为 .xlsx）后再上传。")
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in content:
        raise UnreadableFileError(_("文件名是 .csv，内容却是二进制数据。请确认选对了文件。"))
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Control characters decode in every encoding, but no table of persons holds them.
        if sum(text.count(chr(code)) for code in (*range(9), 11, 12, *range(14, 32))) > len(text) // 1000:
            break
        return text
    raise UnreadableFileError(
        _("文件既不是 UTF-8 也不是 GB18030 编码的文本。请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传。")
    )


def _chunks(text: str, delimiter: str) -> Iterator[pl.DataFrame]:
    """The table in frames of 20,000 rows: the whole as Python lists would take four times the memory."""
    rows: list[list[str]] = []
    start = 1
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        rows.append(row)
        if len(rows) == _CHUNK:
            yield _frame(rows, start)
            start += len(rows)
            rows = []
    yield _frame(rows, start)


def _frame(rows: list[list[str]], start: int) -> pl.DataFrame:
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    columns = {f"c{index}": [row[index] for row in rows] for index in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_row_index("row", offset=start) if width else pl.DataFrame(schema={"row": pl.UInt32})
