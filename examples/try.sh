#!/usr/bin/env bash
# Shows the main job on a real application and a real PostgreSQL: `bash examples/try.sh`.
#
# Builds dbharden, starts a throw-away PostgreSQL with TLS and SCRAM, runs the application of
# examples/hiremebahamas against it, checks it, breaks it, and checks it again. Cleans up after
# itself. As root on Debian it installs what is missing from Debian's packages.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/support/machine.sh
source "$root/tests/support/machine.sh"

work=$(mktemp -d)
application_pid=
clean_up() {
  if [[ -n $application_pid ]]; then
    kill "$application_pid" 2>/dev/null || true
    wait "$application_pid" 2>/dev/null || true
  fi
  stop_postgres "$work" || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

need cc postgres python openssl

say "building dbharden (the first time takes some minutes)"
(cd "$root" && cargo build --release --locked --quiet)
dbharden=$target/release/dbharden
python_environment "$target/lab/hiremebahamas" "$root/examples/hiremebahamas/requirements.txt"

say "starting a throw-away PostgreSQL with TLS and SCRAM"
port=$(free_port)
start_postgres "$work" "$port"
password=$(openssl rand -hex 16)
superuser_sql "$work" "$port" <<SQL
create role hiremebahamas login password '$password';
alter role hiremebahamas set statement_timeout = '30s';
alter role hiremebahamas set idle_in_transaction_session_timeout = '60s';
create database hiremebahamas owner hiremebahamas;
SQL

# From here on the environment is the application's own.
for variable in $(compgen -e); do
  case $variable in
    PG* | DB_* | DATABASE_* | POSTGRES* | RENDER*) unset "$variable" ;;
  esac
done
export DATABASE_URL="postgresql://hiremebahamas:$password@127.0.0.1:$port/hiremebahamas"
export DB_POOL_SIZE=5 DB_MAX_OVERFLOW=10 DB_POOL_RECYCLE=1800 DB_POOL_TIMEOUT=30

say "starting the application"
PORT=$(free_port)
export PORT
(
  cd "$root/examples/hiremebahamas"
  exec env PYTHONDONTWRITEBYTECODE=1 "$target/lab/hiremebahamas/bin/python" -m app.main
) >"$work/application.log" 2>&1 &
application_pid=$!
for ((tries = 0; ; tries++)); do
  if grep -q "Listening on" "$work/application.log"; then
    break
  elif ! kill -0 "$application_pid" 2>/dev/null || ((tries > 300)); then
    cat "$work/application.log" >&2
    say "the application did not start"
    exit 1
  fi
  sleep 0.1
done
cat "$work/application.log"

# Runs dbharden, shows the command line, and compares the exit status with the expected one.
show() {
  local expected=$1 status=0
  shift
  printf '\n$ dbharden %s\n' "$*"
  "$dbharden" "$@" || status=$?
  printf '(exit status %s)\n' "$status"
  if [[ $status -ne $expected ]]; then
    say "expected exit status $expected"
    exit 1
  fi
}

cd "$root/examples"
say "the application as it is: everything holds"
show 0 check hiremebahamas

say "the same application, broken: a small recycle time and an endless overflow in render.yaml," \
  "an unusable number in the environment, and a URL that names no port"
mkdir "$work/examples"
cp -R hiremebahamas "$work/examples/broken"
cd "$work/examples"
sed -i -e '/DB_POOL_RECYCLE/{n;s/1800/300/}' -e '/DB_MAX_OVERFLOW/{n;s/10/-1/}' broken/render.yaml
export DB_POOL_SIZE=5.0 DATABASE_URL="postgresql://hiremebahamas:$password@127.0.0.1/hiremebahamas"
show 1 check --offline broken

say "done; everything that was started is stopped and removed"
