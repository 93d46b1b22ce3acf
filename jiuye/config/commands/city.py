"""`jiuye city build` lays a synthetic city into an empty registry; `jiuye city report` sets it beside the published figures."""

from __future__ import annotations

import argparse
import sys
import time

from jiuye.config.commands._shared import day
from jiuye.engine.basis.problems import display_width


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("city", help="演示城市：build 建立，report 与公布数字对照")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="在空登记库里建一座合成的演示城市")
    build.add_argument("--size", type=int, default=50_000, help="居民人数（默认 50000）")
    build.add_argument("--seed", type=int, default=None, help="随机种子；同一种子总得到同一座城市")
    build.add_argument("--on", type=day, default=None, help="演示日期 YYYY-MM-DD（默认见规则包）")
    build.set_defaults(run=run_build)
    report = actions.add_parser("report", help="合成城市与公布数字对照表，附出处")
    report.add_argument("--on", type=day, default=None, help="日期 YYYY-MM-DD（默认见规则包）")
    report.set_defaults(run=run_report)


def run_build(args: argparse.Namespace) -> int:
    from jiuye.config.django_setup import setup_django

    if args.size < 1000:
        print("演示城市至少要有 1000 名居民。 A city needs at least 1,000 residents.", file=sys.stderr)
        return 1
    setup_django()
    from django.conf import settings

    from jiuye.city.building import SEED, PackUnusableError
    from jiuye.city.laying import lay_city
    from jiuye.city.loading import RegistryNotEmptyError

    started = time.monotonic()
    try:
        city = lay_city(
            pack=settings.PACK,
            size=args.size,
            seed=SEED if args.seed is None else args.seed,
            on=args.on,
            progress=lambda what, count: print(f"  {what} {count:,}", flush=True),
        )
    except (PackUnusableError, RegistryNotEmptyError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"演示城市建成：{len(city.residents):,} 人，{time.monotonic() - started:.1f} 秒，演示日期 {city.on}。"
    )
    return 0


def run_report(args: argparse.Namespace) -> int:
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings

    from jiuye.city.building import PackUnusableError, read_places
    from jiuye.city.report import calibration
    from jiuye.office.registry.models import Person

    try:
        places, figures, demonstration = read_places(settings.PACK)
    except PackUnusableError as error:
        print(error, file=sys.stderr)
        return 1
    if not Person.objects.exists():
        print(
            "登记库是空的；请先执行 jiuye city build。 The registry is empty; run jiuye city build first.",
            file=sys.stderr,
        )
        return 1
    lines = calibration(places, figures, args.on or demonstration.day)
    name_width = max(display_width(line.name) for line in lines)
    print(f"{_pad('指标', name_width)}  {'合成':>8}  {'公布':>8}  {'相差':>7}  出处")
    for line in lines:
        off = f"{line.per_mille_off / 10:+.1f}%"
        print(
            f"{_pad(line.name, name_width)}  {line.synthetic:>10}  {line.published:>10}  {off:>8}  {line.source}"
        )
    return 0


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
