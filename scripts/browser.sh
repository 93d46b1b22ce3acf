#!/bin/sh
# Finds Chromium and Chinese fonts for the browser tests; installs what is missing through apt. CHROMIUM= names a browser.
set -eu

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo "$@"; else
        fail "缺少浏览器或中文字体，又没有管理员权限安装；请安装 chromium 和 fonts-noto-cjk，或用 CHROMIUM= 指明浏览器。 A browser or Chinese fonts are missing and there are no rights to install them; install chromium and fonts-noto-cjk, or name a browser with CHROMIUM=."
    fi
}

wanted=
if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM 指的 $CHROMIUM 不能执行；请改成浏览器的完整路径。 CHROMIUM names $CHROMIUM, which cannot be run; give the browser's full path."
elif ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1 && ! command -v google-chrome >/dev/null 2>&1; then
    wanted="chromium"
fi
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh family 2>/dev/null | head -n 1)" ]; then
    wanted="$wanted fonts-noto-cjk fontconfig"
fi
[ -n "$wanted" ] || exit 0
command -v apt-get >/dev/null 2>&1 || fail "缺少 $wanted，这台机器又没有 apt；请自行安装，或用 CHROMIUM= 指明浏览器。 $wanted is missing and this machine has no apt; install it, or name a browser with CHROMIUM=."
echo "安装浏览器测试所需：$wanted"
as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && apt-get install -q -y --no-install-recommends $wanted"
