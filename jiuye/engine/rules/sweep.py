"""Everyone under every policy on one day: Parquet in, Parquet out, by the engine that is asked for.

In:  `<entity>.parquet`, one row a subject: `id`, a column a fact, `<relation>_id` for each to-one relation. Money is int64 fen,
     months are the first day's date, enums and texts are strings, ratios are decimals. A missing column is unknown for everyone.
Out: `<policy>.parquet`: subject, recipient, verdict (yes, no, unknown), clause_bits, unknown_bits (bit i is condition i, in
     the order of the file), amount_fen; and `sweep.json` with the day, the versions and the totals.

Whichever engine decides, the files have the same names, columns and rows, and bad data are refused in the same words.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import date
from importlib import import_module
from pathlib import Path

from jiuye.engine.basis.problems import did_you_mean
from jiuye.engine.rules.engines import ENGINES
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sweep_task import (
    SweepDataError,
    SweepError,
    SweepFailedError,
    SweepResult,
    SweepTask,
    Totals,
)

__all__ = ["ENGINES", "SweepDataError", "SweepError", "SweepFailedError", "SweepResult", "sweep"]


def sweep(
    pack: Pack,
    data: Path,
    out: Path,
    on: date,
    *,
    engine: str = "duckdb",
    master: str = "",
    memory_limit: str = "2GB",
    policies: Iterable[str] | None = None,
    receipts: bool = False,
    progress: Callable[[str], None] = lambda name: None,
) -> SweepResult:
    """Decide everyone. `receipts` adds a JSON column with the facts read, for every row that is not a plain no.

    Results appear in `out` all together, `sweep.json` last; until then whatever stood there stays as it was. `master` is the
    address of the Spark cluster; the other engines need none. Raises NoSuchPolicyError, SweepDataError where a needed file is
    missing or a column does not fit, SweepFailedError where memory, disk or the cluster give out.
    """
    evaluate = _evaluator(engine)
    names = list(pack.policies) if policies is None else list(policies)
    wanted = [pack.policy(name) for name in names]
    partial = out / ".partial"
    result = SweepResult(on)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        task = SweepTask(pack, data, partial, on, wanted, receipts, memory_limit, master, progress, result)
        result.totals = evaluate(task)
        _publish(partial, out, wanted, pack, result)
    except OSError as error:
        zh = f"写不进结果文件夹 {out}（{error.strerror}）。请检查路径、权限和磁盘空间。"
        en = f"cannot write to {out} ({error.strerror}); check the path, the permissions and the space on the disk."
        raise SweepFailedError(zh, en) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return result


def _evaluator(engine: str) -> Callable[[SweepTask], dict[str, Totals]]:
    if engine not in ENGINES:
        zh, en = did_you_mean(engine, ENGINES)
        names = "、".join(ENGINES), ", ".join(ENGINES)
        raise SweepFailedError(
            f"没有叫“{engine}”的计算引擎，可用的有 {names[0]}。{zh}",
            f"there is no engine '{engine}'; there are {names[1]}; {en}",
        )
    evaluate: Callable[[SweepTask], dict[str, Totals]] = import_module(ENGINES[engine]).evaluate
    return evaluate


def _publish(partial: Path, out: Path, policies: list[Policy], pack: Pack, result: SweepResult) -> None:
    """Move the finished files to their places. Without `sweep.json` a folder holds no finished sweep."""
    summary = {
        "on": result.on.isoformat(),
        "pack_version": pack.version,
        "policies": {
            policy.id: {"version": policy.version, **result.totals[policy.id]} for policy in policies
        },
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (partial / "sweep.json").write_text(text, encoding="utf-8")
    (out / "sweep.json").unlink(missing_ok=True)
    for name in [*(f"{policy.id}.parquet" for policy in policies), "sweep.json"]:
        if (out / name).is_dir():  # a cluster's results of one policy may be a folder of files
            shutil.rmtree(out / name)
        elif (partial / name).is_dir():
            (out / name).unlink(missing_ok=True)
        (partial / name).replace(out / name)
