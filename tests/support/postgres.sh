#!/usr/bin/env bash
# A throw-away PostgreSQL server for the tests, as an unprivileged user.
#
#   postgres.sh start DIR         makes a server in DIR (an empty or absent folder with a short path) that listens on a Unix
#                                 socket only, and prints its URL
#   postgres.sh start-tls DIR     the same with a port on this machine beside it; the port takes TLS alone, and the user
#                                 "certified" a certificate alone. Prints the port. DIR/tls has the authorities root.pem
#                                 and other.pem, certificates of the server (good, othername, otherroot, expired) and of
#                                 its clients (client, stranger), each NAME.pem with NAME.key
#   postgres.sh present DIR NAME  makes that server show another of its certificates
#   postgres.sh stop DIR          stops it and removes DIR
set -euo pipefail

usage() { sed -n '2,13p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
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
user=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
fi
as_user() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    else
        runuser -u "$user" -- "$@"
    fi
}

# A certificate: NAME, its issuer, days, and its extensions.
certificate() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${5:-$1}" \
        -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf '%s\n' "$4" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile "$1.ext" \
        -out "$1.pem" 2>/dev/null
    rm "$1.csr" "$1.ext"
}

certificates() {
    mkdir tls
    cd tls
    for authority in root other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$authority" -days 30 \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
            -keyout "$authority.key" -out "$authority.pem" 2>/dev/null
    done
    local server='extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost'
    certificate good root 30 "$server"
    certificate othername root 30 "${server/localhost/registry.example}"
    certificate otherroot other 30 "$server"
    certificate expired root 0 "$server"
    certificate client root 30 extendedKeyUsage=clientAuth certified
    certificate stranger other 30 extendedKeyUsage=clientAuth certified
    cd ..
}

present() {
    for kind in pem key; do
        install -o "$user" -m 600 "$dir/tls/$1.$kind" "$dir/data/server.$kind"
    done
}

case $action in
start | start-tls)
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
    cd "$dir"
    if [ "$action" = start-tls ]; then certificates; fi
    if [ "$(id -u)" -eq 0 ]; then
        chown "$user" "$dir"
    fi
    log=$(mktemp)
    # The data is thrown away, so it need not survive a power cut; everything else is as delivered.
    as_user "$bin/initdb" -D "$dir/data" -U vaccert -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$log" 2>&1 ||
        { cat "$log" >&2; exit 1; }
    rm -f "$log"
    options="-c unix_socket_directories='$dir' -c fsync=off -c max_connections=200"
    tries=1
    if [ "$action" = start-tls ]; then
        present good
        install -o "$user" -m 600 tls/root.pem data/clients.pem
        printf '%s\n' 'local all all trust' 'hostssl all certified all cert' 'hostssl all all all trust' >data/pg_hba.conf
        options+=" -c ssl=on -c ssl_cert_file=server.pem -c ssl_key_file=server.key -c ssl_ca_file=clients.pem"
        tries=5
    fi
    for try in $(seq $tries); do
        port=5432
        listen="-c listen_addresses=''"
        # Any port that happens to be free; another try if it is not.
        if [ "$action" = start-tls ]; then
            port=$((20000 + (RANDOM % 12000)))
            listen="-c listen_addresses=127.0.0.1 -c port=$port"
        fi
        if as_user "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 30 -o "$listen $options" start >/dev/null 2>&1; then
            break
        fi
        if [ "$try" -eq $tries ]; then
            cat "$dir/log" >&2
            exit 1
        fi
    done
    if [ "$(id -u)" -eq 0 ]; then chmod 755 "$dir"; fi
    if [ "$action" = start-tls ]; then
        as_user "$bin/psql" -q -h "$dir" -p "$port" -U vaccert -d postgres \
            -c 'CREATE ROLE certified LOGIN' -c 'GRANT CREATE ON SCHEMA public TO certified' >&2
        echo "$port"
    else
        encoded=${dir//\//%2F}
        echo "postgres:///postgres?host=$encoded&user=vaccert"
    fi
    ;;
present)
    [ $# -eq 3 ] || usage
    dir=$(cd "$dir" && pwd)
    present "$3"
    as_user "$bin/pg_ctl" -D "$dir/data" reload >/dev/null
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
