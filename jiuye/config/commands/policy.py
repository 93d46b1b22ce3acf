"""`jiuye policy export` writes what was published (or a draft) as a patch to plans/; `effect` brings into force what is due; `list` names them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `policy` with its own subcommands."""
    parser = subparsers.add_parser("policy", help="政策的公布：导出补丁、施行 / what was published")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="列出公布和进行中的草案")
    listing.set_defaults(run=lambda args: _guarded(args, _list))
    export = actions.add_parser("export", help="导出对 plans/ 的补丁（git apply 可并入）")
    export.add_argument("number", type=int, metavar="NUMBER", help="公布的编号；用 --draft 时是草案的编号")
    export.add_argument("--draft", action="store_true", help="导出草案，而不是公布的内容")
    export.add_argument("--out", type=Path, metavar="FILE", help="写到文件（默认打印）")
    export.set_defaults(run=lambda args: _guarded(args, _export))
    effect = actions.add_parser("effect", help="到施行日期的公布现在施行，并重新判定；每天凌晨运行一次")
    effect.set_defaults(run=lambda args: _guarded(args, _effect))


def _guarded(args: argparse.Namespace, act: Any) -> int:
    """Run with Django up; a refusal is one sentence and exit code 1."""
    from jiuye.config.django_setup import setup_django
    from jiuye.config.postgres import DatabaseUnavailableError

    try:
        setup_django()
    except DatabaseUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    from django.db import DatabaseError

    try:
        return int(act(args))
    except DatabaseError as error:
        print(f"数据库没有完成这次操作，什么都没有写入：{error}", file=sys.stderr)
    except (ValueError, LookupError, PermissionError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"文件读写失败：{error.strerror}（{error.filename}）。", file=sys.stderr)
    return 1


def _list(args: argparse.Namespace) -> int:
    from jiuye.office.policies.models import Draft, Publication
    from jiuye.office.policies.states import DRAFT_STATES, LIVE_STATES

    for row in Publication.objects.select_related("effect").order_by("-effective_on", "-pk"):
        state = "已施行" if hasattr(row, "effect") else "待施行"
        print(f"公布 {row.pk:>5}  {row.effective_on}  {state}  {row.title}  {' '.join(sorted(row.files))}")
    for draft in Draft.objects.filter(state__in=LIVE_STATES).order_by("-changed_at", "-pk"):
        print(f"草案 {draft.pk:>5}  {draft.changed_at:%Y-%m-%d}  {DRAFT_STATES[draft.state]}  {draft.title}")
    return 0


def _export(args: argparse.Namespace) -> int:
    from jiuye.office.policies.queries.drafts import patch_of

    text = patch_of(args.number, draft=args.draft)
    if not text:
        print("plans/ 里的文件已经是这样，没有可以导出的。", file=sys.stderr)
        return 0
    if args.out is None:
        print(text, end="")
    else:
        args.out.write_text(text, encoding="utf-8")
        print(f"已写到 {args.out}；在仓库里运行 git apply {args.out} 并入。", file=sys.stderr)
    return 0


def _effect(args: argparse.Namespace) -> int:
    from jiuye.office.entitlements.publishing import bring_into_force
    from jiuye.portals.common.actors import now, office_date

    came = bring_into_force(actor=None, on=office_date(), at=now())
    for effect in came.effects:
        print(f"已施行：{effect.publication.title}（重新判定 {len(effect.policies)} 项政策）")
    for publication in came.refused:
        print(
            f"没有施行：{publication.title}，和现在的规则包放在一起不能读；请改正规则包的文件。",
            file=sys.stderr,
        )
    if not came.effects and not came.refused:
        print("没有到期的公布。")
    return 1 if came.refused else 0
