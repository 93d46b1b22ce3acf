"""What must be right before the software starts, asked first: each thing that is wrong is one sentence that says what to do."""

from __future__ import annotations

import errno
import ipaddress
import os
import shutil
import socket
from datetime import datetime, time
from pathlib import Path

MEGABYTE = 1024 * 1024
# An embedded server with its write-ahead log, and what 1,000 residents with their audit trail and one sweep take.
SERVER_MEGABYTES = 200
MEGABYTES_A_THOUSAND_RESIDENTS = 12
RUNNING_MEGABYTES = 100


class CannotStartError(RuntimeError):
    """The software cannot start here; the message says in one sentence what to do."""


def require_port(host: str, port: int) -> None:
    """Return where `host:port` can be listened on. Raises CannotStartError otherwise."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None)
        if number == errno.EADDRINUSE:
            raise CannotStartError(
                f"端口 {port} 已被别的程序占用；请换一个，例如 make run PORT={port + 1}。 "
                f"Port {port} is in use by another program; choose another, for example make run PORT={port + 1}."
            ) from error
        if number == errno.EACCES:
            raise CannotStartError(
                f"没有权限使用端口 {port}；请用 1024 以上的端口，例如 make run PORT=8000。 "
                f"Port {port} is reserved; choose one above 1024, for example make run PORT=8000."
            ) from error
        raise CannotStartError(
            f"不能在 {host}:{port} 上提供服务（{error}）；请检查地址和端口。 "
            f"{host}:{port} cannot be listened on ({error}); check the address and the port."
        ) from error


def require_proxy(proxy: str, *, https: bool) -> None:
    """Return where the proxy is one address, and there is one wherever pages go out over TLS. Raises CannotStartError otherwise."""
    if not proxy and https:
        raise CannotStartError(
            "JIUYE_HTTPS=1 时要写明代理的地址（例如 JIUYE_PROXY=127.0.0.1），否则没有一个表单能提交，所有人的来源地址也都是代理的。 "
            "With JIUYE_HTTPS=1 the proxy's address must be named (JIUYE_PROXY=127.0.0.1, say): without it no form can be sent, "
            "and everybody seems to come from the proxy."
        )
    try:
        ipaddress.ip_address(proxy or "127.0.0.1")
    except ValueError as error:
        raise CannotStartError(
            f"JIUYE_PROXY={proxy} 不是一个 IP 地址；请写代理连接本软件时用的那一个地址，不能写名称、网段或 *。 "
            f"JIUYE_PROXY={proxy} is no IP address; write the one from which the proxy connects, no name, no network and no *."
        ) from error


def night_said() -> str:
    """What the environment says of the night's work: a time of the day, or `off`."""
    return os.environ.get("JIUYE_NIGHT", "").strip() or "02:00"


def night_hour(said: str) -> time | None:
    """From which time of the day on the night's work is done (`JIUYE_NIGHT`); None for `off`. Raises CannotStartError otherwise."""
    if said == "off":
        return None
    try:
        return datetime.strptime(said, "%H:%M").time()  # noqa: DTZ007 (a time of any day)
    except ValueError as error:
        raise CannotStartError(
            f"JIUYE_NIGHT={said} 不是一个时刻；请写成 02:00 的样子（北京时间），由系统定时任务做夜间工作的写 off。 "
            f"JIUYE_NIGHT={said} is no time of the day; write it like 02:00 (the clock in China), or off where the system's timer does "
            "the night's work."
        ) from error


def require_folder(folder: Path) -> None:
    """Return where `folder` exists or can be made, and can be written. Raises CannotStartError otherwise."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(folder, RUNNING_MEGABYTES, 0) from error
        raise CannotStartError(
            f"数据文件夹 {folder} 不能写入（{error.strerror}）；请改它的权限，或用 JIUYE_DATA=别的文件夹。 "
            f"The data folder {folder} cannot be written ({error.strerror}); change its permissions, "
            "or set JIUYE_DATA to another folder."
        ) from error


def require_room(folder: Path, *, residents: int, first_start: bool) -> None:
    """Return where the disk of `folder` has room for what is to come. Raises CannotStartError otherwise."""
    needed = RUNNING_MEGABYTES
    if first_start:
        needed += SERVER_MEGABYTES + residents * MEGABYTES_A_THOUSAND_RESIDENTS // 1000
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < needed:
        raise _no_room(folder, needed, free)


def _no_room(folder: Path, needed: int, free: int) -> CannotStartError:
    return CannotStartError(
        f"磁盘空间不够：{folder} 还有 {free} MB，需要约 {needed} MB；请清理磁盘，或用 JIUYE_DATA=别的磁盘上的文件夹，"
        f"或用 CITY= 建小一点的城市。 The disk is too full: {folder} has {free} MB free and about {needed} MB are needed; "
        "make room, set JIUYE_DATA to a folder on another disk, or build a smaller city with CITY=."
    )
