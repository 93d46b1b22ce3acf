"""How long the real-name import takes: `python benchmarks/import_200k.py [--rows 200000] [--keep FILE.xlsx]`.

It makes a workbook of synthetic residents (25 columns, one row in a hundred with a mistake), previews it, accepts it,
imports it once more (nothing changes), undoes it, and prints seconds and peak memory a phase. The database is a fresh one in
a temporary folder, or the one of DATABASE_URL.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jiuye.office.registry.models import ImportBatch
    from jiuye.office.staff.queries import Actor

HEADINGS = [
    "姓名",
    "身份证号",
    "性别",
    "出生日期",
    "手机号",
    "户籍地",
    "常住地（社区）",
    "户口性质",
    "住址",
    "文化程度",
    "毕业院校",
    "毕业日期",
    "就业状态",
    "单位名称",
    "统一社会信用代码",
    "就业起始日期",
    "月工资",
    "失业登记日期",
    "就业困难类别",
    "就业困难认定日期",
    "残疾",
    "低保",
    "退役军人",
    "开户行",
    "银行账号",
]
ON, AT = date(2024, 7, 1), datetime(2024, 7, 1, 9, tzinfo=UTC)
LIMIT_SECONDS, LIMIT_MB = 60, 1024


def make_workbook(path: Path, rows: int) -> None:
    """The same workbook for the same number of rows, on every machine."""
    import xlsxwriter
    from stdnum.cn import uscc

    from jiuye.engine.basis.identity import check_character

    chance = random.Random(20240701)
    firms = []
    for number in range(3000):
        first = f"91321002MA{number:07}"
        firms.append((f"扬州示例{number}有限公司", first + uscc.calc_check_digit(first)))
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, HEADINGS)
        for number in range(rows):
            birth = date(1960, 1, 1) + timedelta(days=number * 7919 % 16000)
            sequence = number // 16000 * 2 + chance.randrange(2)
            first = f"321002{birth:%Y%m%d}{sequence:03}"
            id_number = first + check_character(first)
            if number % 100 == 50:
                id_number = id_number[:15] + "000" if number % 200 == 50 else "3.21002E+17"
            works, village = chance.random() < 0.62, f"示例社区{number % 400}"
            firm, code = chance.choice(firms) if works else ("", "")
            hard = not works and chance.random() < 0.3
            card = f"6222021{number:011}"
            sheet.write_row(
                number + 1,
                0,
                [
                    chance.choice("张王李赵陈𠮷")
                    + chance.choice("伟芳娜敏静强磊洋")
                    + chance.choice("华明丽军"),
                    id_number,
                    "男" if sequence % 2 else "女",
                    birth.isoformat(),
                    f"13{number % 10}{number:08}",
                    village,
                    village,
                    "城镇",
                    f"示例路{number % 900}号",
                    chance.choice(("初中", "高中", "大专", "本科")),
                    "扬州大学",
                    f"{min(birth.year + 22, 2023)}-06-30",
                    "单位就业" if works else "失业",
                    firm,
                    code,
                    "2022-03-01" if works else "",
                    "4500" if works else "",
                    "" if works else "2024-02-01",
                    "大龄" if hard else "",
                    "2024-03-01" if hard else "",
                    "否",
                    "是" if chance.random() < 0.02 else "否",
                    "是" if chance.random() < 0.02 else "否",
                    "示例银行",
                    card + _luhn(card),
                ],
            )


def _luhn(first: str) -> str:
    from jiuye.engine.basis.identity import luhn_passes

    return next(digit for digit in "0123456789" if luhn_passes(first + digit))


class Phase:
    """Seconds by the clock, CPU seconds of this process and of the database's, and this process's peak memory.

    On a machine that is busy with something else, the CPU seconds are what can be compared.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> Phase:
        Path("/proc/self/clear_refs").write_text("5")  # the kernel begins a new peak
        self.start, self.ours, self.theirs = time.monotonic(), time.process_time(), _database_cpu()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.monotonic() - self.start
        status = Path("/proc/self/status").read_text()
        self.megabytes = int(status.split("VmHWM:")[1].split()[0]) // 1024
        ours, theirs = time.process_time() - self.ours, _database_cpu() - self.theirs
        print(
            f"{self.name:<40}{self.seconds:>7.1f} s  CPU {ours:>5.1f} s + database {theirs:>5.1f} s{self.megabytes:>6} MB",
            flush=True,
        )


def _database_cpu() -> float:
    """CPU seconds of the database process behind our connection; 0 where it runs elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists() or "postgres" not in stat.read_text().split(")")[0]:
        return 0.0
    user, system = stat.read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def prepare() -> Actor:
    """Divisions and a case worker of the whole city."""
    from jiuye.office.registry.models import Division
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.operations import place_in_post
    from jiuye.office.staff.queries import actor_for

    Division.objects.create(code="3210", name="扬州市", kind="city")
    Division.objects.create(code="321002", name="广陵区", kind="county", parent_id="3210")
    Division.objects.create(code="321002001", name="示例街道", kind="street", parent_id="321002")
    Division.objects.bulk_create(
        Division(
            code=f"321002001{number:03}", name=f"示例社区{number}", kind="village", parent_id="321002001"
        )
        for number in range(400)
    )
    account = Account.objects.create_account(
        username="bench", display_name="基准", password="-", kind="officer"
    )
    place_in_post(
        account=account, role="caseworker", division_code="3210", start=date(2023, 1, 1), until=None
    )
    return actor_for(account, on=ON)


def measure(path: Path) -> bool:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    actor = prepare()
    from jiuye.office.registry.importing import operations

    def previewed() -> ImportBatch:
        content = path.read_bytes()
        return operations.preview(
            actor=actor, file_name=path.name, content=content, source="基准", at=AT, on=ON
        )

    with Phase("preview: read, check, compare, keep") as first:
        batch = previewed()
    print(
        f"  {batch.row_count} rows, {batch.accepted_count} pass, {batch.rejected_count} sent back", flush=True
    )
    with Phase("accept: everything in one transaction") as second:
        operations.accept(actor=actor, batch=batch, at=AT, on=ON)
    with Phase("rejected rows as a workbook"):
        operations.hand_back_rejected(actor=actor, batch=batch, at=AT)
    with Phase("preview of the same file again"):
        again = previewed()
    print(f"  {again.summary['counts']}", flush=True)
    with Phase("undo"):
        operations.undo(actor=actor, batch=batch, at=AT, on=ON)
    whole, peak = first.seconds + second.seconds, max(first.megabytes, second.megabytes)
    print(f"{'preview + accept':<40}{whole:>7.1f} s, {peak} MB   (limits {LIMIT_SECONDS} s, {LIMIT_MB} MB)")
    return whole < LIMIT_SECONDS and peak < LIMIT_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--keep", type=Path, help="keep the workbook here and use it again")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make:
        make_workbook(args.make, args.rows)
        return 0
    with tempfile.TemporaryDirectory(prefix="jiuye-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the embedded database runs as a user of its own and must reach its folder
        path = args.keep or Path(folder) / "list.xlsx"
        if not path.exists():
            # In a process of its own, so that the memory of making it does not count.
            subprocess.run(
                [sys.executable, __file__, "--make", str(path), "--rows", str(args.rows)], check=True
            )
        print(f"{path.stat().st_size / 1e6:.1f} MB, {len(HEADINGS)} columns")
        os.environ["JIUYE_DATA"] = folder
        from jiuye.config.django_setup import setup_django

        setup_django()
        return 0 if measure(path) else 1


if __name__ == "__main__":
    raise SystemExit(main())
