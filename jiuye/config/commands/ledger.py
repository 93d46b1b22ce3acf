"""`jiuye ledger verify` works out all balances, chains and seals, and the proofs of public notices, anew; `seal` signs the ledger as it
stands; `compare` holds the bank's return files to what stands here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from jiuye.config.commands._shared import installation_ready, this_moment

if TYPE_CHECKING:
    from jiuye.exchange.bank import Submission
    from jiuye.exchange.bank.file_format import Answer


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `ledger` with its own subcommands."""
    parser = subparsers.add_parser("ledger", help="账簿：核对、封存 / the ledger: verify, seal")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser(
        "verify", help="逐笔重算余额、账目链和封存 / recompute balances, chains, seals"
    )
    verify.set_defaults(run=run_verify)
    verify.add_argument(
        "--seal",
        default="",
        metavar="SIGNATURE",
        help="另行保管的封存签名 / the signature of a seal kept outside",
    )
    verify.add_argument(
        "--backup",
        action="store_true",
        help="核对备份：不看封存新旧 / a backup: the age of its last seal does not count",
    )
    seal = actions.add_parser("seal", help="把现在的账簿签名封存 / sign the ledger as it stands")
    seal.set_defaults(run=run_seal)
    compare = actions.add_parser(
        "compare",
        help="恢复以后与银行的回盘文件对照，记下未入账的 / hold return files of the bank to what is here",
    )
    compare.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="回盘文件，和那些批次的付款文件（说明付给了谁） / return files, and the payment files of their batches, which say whom they paid",
    )
    compare.set_defaults(run=run_compare)
    for each in (verify, seal, compare):
        each.add_argument(
            "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
        )


def run_verify(args: argparse.Namespace) -> int:
    """A sentence for each thing that does not agree, and 1; a line with what was looked at, and 0, where all agrees."""
    if not installation_ready():
        return 1
    from django.utils.translation import override

    from jiuye.office.casework.models import NoticeProof
    from jiuye.office.casework.notices import missing_proofs, notice_faults, notices_named
    from jiuye.office.funds.queries import verify_ledger
    from jiuye.office.matters.notices import notices_named as matters_named

    zh = args.lang == "zh"
    with override("zh-hans" if zh else "en"):
        found = verify_ledger(at=None if args.backup else this_moment(), kept=args.seal)
        named = chain(notices_named(), matters_named())
        faults = [*found.faults, *notice_faults(), *missing_proofs(named)]
    for fault in faults:
        print(fault)
    looked_at = (found.accounts, found.entries, found.seals, NoticeProof.objects.count())
    if faults:
        print(
            f"账簿有 {len(faults)} 处不符；请保留现场，交审计人员处理。"
            if zh
            else f"The ledger disagrees in {len(faults)} place(s); leave it as it is and call an auditor.",
            file=sys.stderr,
        )
        return 1
    print(
        "账簿相符：{} 个账户、{} 笔账目、{} 次封存、{} 份公示存证，逐笔重算一致。".format(*looked_at)
        if zh
        else "The ledger agrees: {} accounts, {} entries, {} seals, {} proofs of notices, all recomputed.".format(
            *looked_at
        )
    )
    return 0


def run_seal(args: argparse.Namespace) -> int:
    """Seal, and say how much was sealed."""
    if not installation_ready():
        return 1
    from jiuye.office.funds.operations import seal_ledger

    at = this_moment()
    seal = seal_ledger(on=at.date(), at=at)
    print(
        f"已封存 {seal.entries} 笔账目（第 {seal.number} 次）。签名 {seal.signature}"
        if args.lang == "zh"
        else f"Sealed {seal.entries} entries (seal {seal.number}). Signature {seal.signature}"
    )
    return 0


def run_compare(args: argparse.Namespace) -> int:
    """A sentence for each thing that the files say and the records do not, and 1; 0 where all agrees. Nothing is booked; what the bank paid
    and is not on record is written down, and paid by no other batch from then on.
    """
    if not installation_ready():
        return 1
    from django.utils.translation import override

    from jiuye.office.funds.operations import record_unbooked
    from jiuye.office.funds.queries import compare_with_bank

    zh = args.lang == "zh"
    read = _read_files(args.files, zh)
    if read is None:
        return 1
    answers, orders = read
    found = barred = 0
    for answer in answers:
        with override("zh-hans" if zh else "en"):
            for sentence in compare_with_bank(answer, today=this_moment().date()):
                found += 1
                print(sentence)
        barred += record_unbooked(answer, order=orders.get(answer.batch_key), at=this_moment())
    for number in sorted(orders.keys() - {answer.batch_key for answer in answers}):
        print(
            f"批次 {number} 只有付款文件，没有回盘文件，没有用上；请与它的回盘文件一起对照。"
            if zh
            else f"Of batch {number} there is a payment file and no return file, and it was not used; give both together.",
            file=sys.stderr,
        )
    if not answers:
        return 1
    if barred:
        print(
            f"{barred} 笔已记入“付款 → 银行已付未入账”：补录或者由两人结案以前，不能再付。"
            if zh
            else f"{barred} payment(s) written down under “Payments → Paid by the bank, not on record”: nothing pays them again "
            "before they are taken over, or closed by two people.",
        )
    if not found:
        print("与银行的回盘一致。" if zh else "The records agree with the bank's return files.")
    return 1 if found else 0


def _read_files(paths: Sequence[Path], zh: bool) -> tuple[list[Answer], dict[str, Submission]] | None:
    """The return files, and the payment files by batch; where a payment file was not given and the bank's own folder has it, that one.
    None, with a sentence, where one cannot be read: then nothing of any is used.
    """
    from django.conf import settings

    from jiuye.exchange.bank import FileBank
    from jiuye.exchange.bank.file_format import Answer, DamagedFileError
    from jiuye.exchange.bank.tables import read_bank_file
    from jiuye.office.funds.gateway import installed_bank

    answers: list[Answer] = []
    orders: dict[str, Submission] = {}
    waiting = list(paths)
    bank = installed_bank()
    while waiting:
        path = waiting.pop(0)
        try:
            read = read_bank_file(path.read_bytes(), settings.BANK_KEY)
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)
            return None
        except DamagedFileError as error:
            print(f"{path}: {error.zh if zh else error.en}", file=sys.stderr)
            return None
        if not isinstance(read, Answer):
            orders[read.batch_key] = read
            continue
        answers.append(read)
        if isinstance(bank, FileBank) and bank.order_path(read.batch_key).is_file():
            waiting.append(bank.order_path(read.batch_key))
    return answers, orders
