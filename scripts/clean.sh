#!/bin/sh
# Stops the embedded databases of this checkout and removes .data and the caches. Another JIUYE_DATA is left alone.
set -eu
cd "$(dirname "$0")/.."
for folder in .data/postgres .data/test-postgres; do
    if [ -f "$folder/postmaster.pid" ]; then
        pid=$(head -n 1 "$folder/postmaster.pid")
        # Only a process that is PostgreSQL over this very folder is told to stop.
        if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "$folder"; then
            kill -INT "$pid"
            while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
        fi
    fi
done
rm -rf .data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build test-results
find . -path ./.venv -prune -o -name __pycache__ -type d -print | while read -r folder; do rm -rf "$folder"; done
find . -path ./.venv -prune -o -name '*.mo' -type f -print | while read -r file; do rm -f "$file"; done
echo "已清理。 Clean."
