#!/bin/sh
# Makes .venv with Python 3.11 or later and installs what requirements.lock pins, by hash. Does nothing where that is done.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$1"; }
fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON_FOR_VENV:-} python3.11 python3.12 python3.13 python3.14 python3; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            printf '%s' "$name"
            return 0
        fi
    done
    return 1
}

# Runs a command with its output in a log, and shows that it is at work; the log's end where it fails.
work() {
    title=$1
    shift
    log=.venv/install.log
    "$@" >"$log" 2>&1 &
    pid=$!
    trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
    seconds=0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        at=$(sed -n 's/^Collecting \([A-Za-z0-9_.-]*\).*/\1/p; s/^Installing collected packages.*/…/p' "$log" | tail -n 1)
        if [ -t 1 ]; then printf '\r\033[2K  %s %s（%s 秒）' "$title" "$at" "$seconds"; fi
    done
    if [ -t 1 ]; then printf '\r\033[2K'; fi
    trap - INT TERM
    if wait "$pid"; then
        say "  ✓ $title（$seconds 秒）"
    else
        tail -n 15 "$log" >&2
        fail "安装没有成功，原因见上；请检查网络和磁盘空间，再执行一次（完整记录：$log）。 The installation failed for the reason above; check network and disk, then run it again (log: $log)."
    fi
}

# A .venv whose making was interrupted has no working pip and is made again.
if ! { [ -x .venv/bin/python ] && new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python) || fail "需要 Python 3.11 或更高版本；请先安装（例如 apt install python3 python3-venv）。 Python 3.11 or later is needed; install it first (for example apt install python3 python3-venv)."
    "$python" -c 'import venv, ensurepip' 2>/dev/null || fail "这个 Python 缺少 venv；请安装（例如 apt install python3-venv）。 This Python lacks venv; install it (for example apt install python3-venv)."
    say "准备运行环境（.venv，$("$python" -V)）"
    "$python" -m venv --clear .venv || fail "建不了 .venv；请检查当前文件夹的写权限和磁盘空间。 .venv cannot be made; check the permissions and the disk of this folder."
fi

if ! cmp -s requirements.lock .venv/installed.lock; then
    rm -f .venv/installed.lock .venv/installed.toml
    work "安装依赖" .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements.lock
    cp requirements.lock .venv/installed.lock
fi
if ! cmp -s pyproject.toml .venv/installed.toml; then
    work "安装本软件" .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
    cp pyproject.toml .venv/installed.toml
fi
