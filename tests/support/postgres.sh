#!/usr/bin/env bash
# A throw-away PostgreSQL server for the tests, on a Unix socket only and as an unprivileged user.
#
#   postgres.sh start DIR   makes a server in DIR (an empty or absent folder with a short path), prints its URL
#   postgres.sh stop DIR    stops it and removes DIR
set -euo pipefail

usage() { sed -n '2,6p' "$0" >&2; exit 2; }
[ $# -eq 2 ] || usage
action=$1
dir=$2

# Debian keeps the server's programs out of PATH, one folder a version: take the newest.
bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin -type d 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(pg_config --bindir 2>/dev/null || true)
if [ ! -x "${bin:-}/pg_ctl" ]; then
    echo "no PostgreSQL server found: install the package 'postgresql'" >&2
    exit 1
fi

# initdb refuses to run as root.
as_user() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        runuser -u nobody -- "$@"
    fi
}

case $action in
start)
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    if [ -n "$(ls -A "$dir")" ]; then
        echo "$dir is not empty: give another folder" >&2
        exit 1
    fi
    # A socket's path has at most 107 bytes.
    if [ ${#dir} -gt 80 ]; then
        echo "$dir is too long for a socket: give a shorter path" >&2
        exit 1
    fi
    chmod 700 "$dir"
    if [ "$(id -u)" -eq 0 ]; then
        chown "$(id -u postgres 2>/dev/null || id -u nobody)" "$dir"
    fi
    cd "$dir"
    log=$(mktemp)
    # The data is thrown away, so it need not survive a power cut; everything else is as delivered.
    as_user "$bin/initdb" -D "$dir/data" -U vaccert -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$log" 2>&1 ||
        { cat "$log" >&2; exit 1; }
    rm -f "$log"
    as_user "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 30 \
        -o "-c listen_addresses='' -c unix_socket_directories='$dir' -c fsync=off -c max_connections=200" \
        start >/dev/null 2>&1 || { cat "$dir/log" >&2; exit 1; }
    if [ "$(id -u)" -eq 0 ]; then chmod 755 "$dir"; fi
    encoded=${dir//\//%2F}
    echo "postgres:///postgres?host=$encoded&user=vaccert"
    ;;
stop)
    dir=$(cd "$dir" && pwd)
    [ -d "$dir/data" ] || { echo "$dir holds no server of ours" >&2; exit 1; }
    cd /
    as_user "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
    ;;
*) usage ;;
esac
