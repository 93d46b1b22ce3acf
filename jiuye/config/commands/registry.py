"""`jiuye registry import FILE` previews a list of residents and takes it in; `undo` takes a batch back; `list` names them.

`jiuye registry deliver FILE` shows what another department's register would overwrite, and takes in what it says of residents, employers or
things once that is agreed to.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jiuye.config.commands._shared import day

if TYPE_CHECKING:
    from jiuye.office.registry.delivery_previews import DeliveryPreview
    from jiuye.office.registry.models import ImportBatch
    from jiuye.office.staff.queries import Actor

SHOWN_REASONS = 20
_BAR = 30


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `registry` with its own subcommands."""
    parser = subparsers.add_parser("registry", help="居民登记：实名导入、撤销 / real-name import")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("import", help="导入 .xlsx 或 .csv 名单：先预览，确认后入库")
    load.add_argument("file", type=Path, metavar="FILE", help="名单文件")
    load.add_argument("--source", default="", metavar="名称", help="名单来自哪里（默认用文件名）")
    load.add_argument("--yes", action="store_true", help="预览后直接入库，不再询问")
    load.add_argument("--rejected", type=Path, metavar="OUT.xlsx", help="把退回的行连同原因写到这个工作簿")
    load.set_defaults(run=run_import)
    undo = actions.add_parser("undo", help="整批撤销")
    undo.add_argument("batch", type=int, metavar="BATCH", help="批次编号")
    undo.set_defaults(run=run_undo)
    listing = actions.add_parser("list", help="列出导入批次")
    listing.set_defaults(run=run_list)
    deliver = actions.add_parser(
        "deliver", help="登记簿交换：其他部门登记簿的 .xlsx 或 .csv：先预览，确认后整批入库"
    )
    deliver.add_argument("file", type=Path, metavar="FILE", help="第一行是列名的表")
    deliver.add_argument("--register", required=True, metavar="KEY", help="registers.yaml 里的登记簿")
    deliver.add_argument(
        "--entity",
        required=True,
        metavar="ENTITY",
        help="登记的是什么，例如 employer、labour_brand、contribution",
    )
    deliver.add_argument("--as-of", type=day, required=True, metavar="DATE", help="数据日期")
    deliver.add_argument("--source", default="", metavar="名称", help="来源（默认用文件名）")
    deliver.add_argument("--complete", action="store_true", help="这是全量：没有列出的不再有")
    deliver.add_argument("--yes", action="store_true", help="预览后直接入库，不再询问")
    deliver.set_defaults(run=run_deliver)
    withdraw = actions.add_parser("withdraw", help="整批撤回一次按行交换的登记信息（缴费、生育、证书等）")
    withdraw.add_argument("number", type=int, metavar="NUMBER", help="交换编号，入库时显示")
    withdraw.set_defaults(run=run_withdraw)
    for each in (load, undo, listing, deliver, withdraw):
        each.add_argument("--as", dest="username", default="", metavar="USERNAME", help="以哪个账号办理")


def run_import(args: argparse.Namespace) -> int:
    """Preview, show, ask, accept."""
    return _guarded(args, _import)


def run_deliver(args: argparse.Namespace) -> int:
    return _guarded(args, _deliver)


def run_withdraw(args: argparse.Namespace) -> int:
    return _guarded(args, _withdraw)


def run_undo(args: argparse.Namespace) -> int:
    return _guarded(args, _undo)


def run_list(args: argparse.Namespace) -> int:
    return _guarded(args, _list)


def _guarded(args: argparse.Namespace, act: Any) -> int:
    """Run with Django up and an actor; a refusal is one sentence and exit code 1."""
    from jiuye.config.django_setup import setup_django
    from jiuye.config.postgres import DatabaseUnavailableError

    try:
        setup_django()
        from django.core.exceptions import ObjectDoesNotExist
        from django.db import DatabaseError
    except DatabaseUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        return int(act(args, _actor(args.username)))
    except ObjectDoesNotExist:
        print(f"没有您的批次 {args.batch}；用 jiuye registry list 查看。", file=sys.stderr)
    except DatabaseError as error:
        print(f"数据库没有完成这次操作，什么都没有写入：{error}", file=sys.stderr)
    except (ValueError, LookupError, PermissionError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"文件读写失败：{error.strerror}（{error.filename}）。", file=sys.stderr)
    return 1


class NoAccountError(LookupError):
    """Nobody is named to act, or nobody of that name can."""


def _actor(username: str) -> Actor:
    """The account named with `--as`; the demonstration has a default, since its accounts stand on the page."""
    from django.conf import settings

    from jiuye.office.staff.models import Account
    from jiuye.office.staff.queries import actor_for
    from jiuye.portals.common.actors import office_date

    officers = Account.objects.filter(kind=Account.Kind.OFFICER, is_active=True).order_by("pk")
    if username:
        account = officers.filter(username=username).first()
        if account is None:
            raise NoAccountError(f"没有登录名为“{username}”的在用工作人员账号；请核对 --as。")
        return actor_for(account, on=office_date())
    if not settings.DEMO:
        raise NoAccountError("请用 --as 写明以哪个账号导入：每一笔登记都记在某个人名下。")
    able = [
        actor
        for account in officers
        if (actor := actor_for(account, on=office_date())).may("registry.import")
    ]
    if not able:
        raise NoAccountError("没有可以导入的工作人员账号；请先运行 make run 建立演示账号，或用 --as 指定。")
    # The one with the widest divisions: shortest prefix first.
    return min(able, key=lambda actor: (len(actor.scopes("registry.import")[0]), actor.account_id))


def _import(args: argparse.Namespace, actor: Actor) -> int:
    from jiuye.office.registry.importing import operations
    from jiuye.portals.common.actors import now, office_date

    content = args.file.read_bytes()
    print(f"以{actor.name}的身份导入 {args.file.name}", file=sys.stderr)
    with _Progress() as progress:
        batch = operations.preview(
            actor=actor, file_name=args.file.name, content=content, source=args.source, at=now(), on=office_date(),
            progress=progress,
        )  # fmt: skip
    _show(batch)
    if args.rejected is not None and batch.rejected_count:
        workbook = operations.hand_back_rejected(actor=actor, batch=batch, at=now())
        # The rows hold ID numbers in clear: only the owner may read the file.
        descriptor = os.open(args.rejected, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(workbook)
        print(f"退回的 {batch.rejected_count} 行已写到 {args.rejected}")
    if not batch.accepted_count:
        operations.discard(actor=actor, batch=batch)
        print("没有一行通过检查，什么都没有写入。", file=sys.stderr)
        return 1
    if not args.yes and not _agreed():
        operations.discard(actor=actor, batch=batch)
        print("只做了预览，什么都没有写入。要入库，请加 --yes。")
        return 0
    with _Progress() as progress:
        accepted = operations.accept(actor=actor, batch=batch, at=now(), on=office_date(), progress=progress)
    print(f"批次 {accepted.pk} 已入库：{_counts(accepted)}。撤销：jiuye registry undo {accepted.pk}")
    return 0


def _deliver(args: argparse.Namespace, actor: Actor) -> int:
    from jiuye.office.entitlements.delivering import ROW_KINDS, deliver_file
    from jiuye.office.registry.deliveries import DeliveryRefusedError
    from jiuye.office.registry.delivery_previews import DeliveryPreview
    from jiuye.portals.common.actors import now, office_date

    take_in = partial(
        deliver_file, actor=actor, register=args.register, entity=args.entity, file_name=args.file.name,
        content=args.file.read_bytes(), as_of=args.as_of, source=args.source or args.file.name[:60],
        on=office_date(), complete=args.complete,
    )  # fmt: skip
    try:
        preview = DeliveryPreview()
        take_in(at=now(), preview=preview)
        _show_delivery(preview, args)
        if not args.yes and not _agreed():
            print("只做了预览，什么都没有写入。要入库，请加 --yes。")
            return 0
        delivery = take_in(at=now())
    except DeliveryRefusedError as error:
        return _refused(error)
    print(f"登记簿“{args.register}”{args.as_of}的数据已入库：{delivery.row_count} 条。")
    if args.entity in ROW_KINDS:
        print(f"撤回：jiuye registry withdraw {delivery.pk}")
    return 0


def _withdraw(args: argparse.Namespace, actor: Actor) -> int:
    from jiuye.office.entitlements.delivering import withdraw_delivery
    from jiuye.office.registry.deliveries import DeliveryRefusedError
    from jiuye.portals.common.actors import now, office_date

    try:
        count = withdraw_delivery(actor=actor, number=args.number, on=office_date(), at=now())
    except DeliveryRefusedError as error:
        return _refused(error)
    print(f"交换 {args.number} 已撤回：它写入的 {count} 行已删除或恢复原值。")
    return 0


def _refused(error: Any) -> int:
    for sentence in error.sentences:
        print(sentence, file=sys.stderr)
    print("什么都没有写入。", file=sys.stderr)
    return 1


def _show_delivery(preview: DeliveryPreview, args: argparse.Namespace) -> None:
    """What the register says anew and otherwise, with the first values that would be lost: as they stand, and as the file has them."""
    from jiuye.office.entitlements.delivering import preview_words

    print(
        f"以前没有登记的 {preview.new} 个，与登记不同的 {preview.changed} 个，相同的 {preview.unchanged} 个"
        + (f"；这一批没有列出、将终止的 {preview.ended} 个" if args.complete else "")
    )
    shown = preview_words(preview, register=args.register, entity=args.entity)
    if preview.values or shown:
        print(f"会覆盖 {preview.values} 个值，例如：")
    for who, what, old, new in shown:
        print(f"  {who} {what}：{old} → {new}")


def _undo(args: argparse.Namespace, actor: Actor) -> int:
    from jiuye.office.registry.importing import operations, queries
    from jiuye.portals.common.actors import now, office_date

    batch = queries.batch_of(actor, args.batch)
    with _Progress() as progress:
        undone = operations.undo(actor=actor, batch=batch, at=now(), on=office_date(), progress=progress)
    print(f"批次 {undone.pk} 已撤销：新增的居民和信息已删除，改过的已恢复原值。")
    return 0


def _list(args: argparse.Namespace, actor: Actor) -> int:
    from jiuye.office.registry.importing import queries

    batches = list(queries.batches_of(actor)[:50])
    if not batches:
        print("还没有导入过。")
    for batch in batches:
        print(
            f"{batch.pk:>6}  {batch.uploaded_at:%Y-%m-%d %H:%M}  {batch.get_state_display()}  "
            f"通过 {batch.accepted_count} 退回 {batch.rejected_count}  {batch.file_name}"
        )
    return 0


def _agreed() -> bool:
    """Ask at a terminal; without one nobody can agree."""
    if not sys.stdin.isatty():
        return False
    print("入库吗？[y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


def _counts(batch: ImportBatch) -> str:
    counts = batch.summary["counts"]
    return (
        f"新增 {counts['new']} 人，更新 {counts['changed']} 人，无变化 {counts['unchanged']} 人"
        f"（身份 {counts['statuses']} 条，就业 {counts['employment']} 条，学历 {counts['education']} 条）"
    )


def _show_changes(batch: ImportBatch) -> None:
    """What would be lost, with the first residents: as it stands, and as the file has it."""
    from jiuye.office.registry.importing.overwriting import changed_residents

    counts = batch.summary["overwrites"]
    if not counts["residents"]:
        return
    print(
        f"会改动 {counts['residents']} 位居民在册的信息，覆盖 {counts['overwritten']} 个值；"
        f"收款账户会变的 {counts['money']} 人，手机号会变的 {counts['phone']} 人"
    )
    for resident in changed_residents(batch).rows:
        for value in resident.values:
            print(f"  {resident.name} {value.label}：{value.old or '（空）'} → {value.new}")


def _show(batch: ImportBatch) -> None:
    """The preview in lines: the mapping, the counts, the notes, and the first reasons."""
    from jiuye.office.registry.importing import queries
    from jiuye.office.registry.importing.fields import BY_NAME
    from jiuye.office.registry.importing.tables import skipped_words

    ways = {
        "guessed": "推测",
        "not_kept": "不登记",
        "repeated": "重复的列，未采用",
        "unknown": "不认识，未采用",
    }
    for sheet in batch.summary["sheets"]:
        print(f"工作表“{sheet['name']}”：{sheet['rows']} 行，表头在第 {sheet['heading_row']} 行")
        for column in batch.mapping[sheet["name"]]:
            field = BY_NAME[column["field"]].label if column["field"] else "—"
            print(f"  {column['heading'] or '（无表头）'} → {field} {ways.get(column['how'], '')}".rstrip())
    for skipped in batch.summary["skipped"]:
        print(f"工作表“{skipped['sheet']}”未导入：{skipped_words(skipped['reason'], skipped['missing'])}")
    for moved in batch.summary["misplaced"]:
        print(
            f"注意：“{moved['heading']}”列只有 {moved['like_it']}/{moved['filled']} 个值像它该有的内容，"
            f"而“{moved['found_in']}”列有 {moved['found_like']}/{moved['found_filled']} 个；请核对表头是否错位。"
        )
    if batch.summary["same_file_batch"]:
        print(f"注意：同一个文件已作为批次 {batch.summary['same_file_batch']} 入库。")
    print(
        f"批次 {batch.pk}：共 {batch.row_count} 行，通过 {batch.accepted_count}，退回 {batch.rejected_count}"
    )
    print(f"通过的行：{_counts(batch)}")
    _show_changes(batch)
    for note in queries.note_counts(batch):
        print(f"  提醒 {note.rows} 行（例如第 {note.example.row} 行：{note.example.says}）")
    for found in queries.rejections(batch, limit=SHOWN_REASONS):
        value = f"“{found.value}”" if found.value else ""
        print(f"  退回 {found.sheet} 第 {found.row} 行 {found.column}{value}：{found.says}。{found.do}。")
    if len(batch.summary["reasons"]) and batch.rejected_count > SHOWN_REASONS:
        print("  …… 全部原因见 --rejected 写出的工作簿")


class _Progress:
    """A bar on stderr for what takes longer than a second; plain lines where stderr is no terminal."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.phase = ""
        self.drawn = False

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.drawn and sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, phase: str, share: float) -> None:
        elapsed = time.monotonic() - self.started
        if sys.stderr.isatty() and elapsed > 1:
            self.drawn = True
            done = int(_BAR * share)
            bar = "█" * done + "░" * (_BAR - done)
            print(f"\r\033[K{bar} {share:>4.0%} {phase} {elapsed:.0f}秒", end="", file=sys.stderr, flush=True)
        elif elapsed > 1 and phase != self.phase:
            print(f"{share:>4.0%} {phase}（{elapsed:.0f}秒）", file=sys.stderr)
        self.phase = phase
