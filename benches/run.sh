#!/usr/bin/env bash
# Prints the table of speed ratios: `bash benches/run.sh`. Ends with 1 where a bound is broken.
#
# Times are of whole processes, side by side on this machine: ratios hold where times do not. As root
# on Debian it installs what is missing from Debian's packages; it cleans up after itself.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/support/machine.sh
source "$root/tests/support/machine.sh"

work=$(mktemp -d)
clean_up() {
  [[ -z ${watch:-} ]] || kill "$watch" 2>/dev/null || true
  stop_postgres "$work" || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

need cc postgres python openssl

say "building dbharden (the first time takes some minutes)"
(cd "$root" && cargo build --release --locked --quiet --bin dbharden --bench strings --bench parsing)
for program in empty ratios crowd reading; do
  rustc --edition 2024 -C opt-level=3 -C panic=abort -C strip=symbols \
    -o "$work/built" "$root/benches/$program.rs"
  cp "$work/built" "$work/$program"
done
# Copied, as an installation does: what a linker has just written may still lie in small pieces in the
# page cache, which each start then pays for.
cp "$target/release/dbharden" "$work/dbharden"
dbharden=$work/dbharden

say "starting a throw-away PostgreSQL with TLS and SCRAM"
port=$(free_port)
start_postgres "$work" "$port"
superuser_sql "$work" "$port" <<'SQL'
create role bench login password 'bench';
SQL

for variable in $(compgen -e); do
  case $variable in
    PG* | DB_* | DATABASE_* | POSTGRES* | RENDER* | DBHARDEN_*) unset "$variable" ;;
  esac
done
mkdir "$work/project"
cp "$root/examples/hiremebahamas/render.yaml" "$work/project"
say "laying out a tree of 700 Python files"
stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
mkdir "$work/tree"
find "$stdlib" -name '*.py' -size -2000k -not -path '*/site-packages/*' -not -path '*/dist-packages/*' \
  | sort | sed -n 1,690p | while IFS= read -r file; do
  copy=$work/tree/library/${file#"$stdlib"/}
  mkdir -p "${copy%/*}"
  cp "$file" "$copy"
done
for index in 1 2 3 4 5 6 7 8 9 10; do
  mkdir "$work/tree/service$index"
  cat >"$work/tree/service$index/database.py" <<'PY'
import os

from sqlalchemy import create_engine

POOL_SIZE = int(os.getenv("DB_POOL_SIZE", "5"))
engine = create_engine(os.environ["DATABASE_URL"], pool_size=POOL_SIZE, pool_pre_ping=True)
PY
done
cd "$work/project"
export DATABASE_URL="postgresql://bench:bench@127.0.0.1:$port/postgres?sslmode=require"
export DB_POOL_SIZE=5 DB_MAX_OVERFLOW=10 DB_POOL_RECYCLE=1800 DB_POOL_TIMEOUT=30
psql="$(postgres_bin)/psql -XAtq -c select/**/1 $DATABASE_URL"

every=
for driver in libpq psycopg2 psycopg asyncpg sqlalchemy+psycopg2 sqlalchemy+psycopg \
  sqlalchemy+asyncpg sqlalchemy+pg8000 node-postgres postgres.js tokio-postgres; do
  every+=" --driver $driver"
done

# A log of 100 MB, and as many literal texts for grep as a known failure has: bound 2.0 is half its speed.
awk 'BEGIN {
  for (i = 0; i < 1000000; i++)
    printf "2026-11-24T10:%02d:%02d.%03dZ INFO [api] GET /orders/%d 200 in %d ms user=%d pool ok\n",
      i / 60 % 60, i % 60, i % 1000, i * 7919 % 100003, i % 97, i % 1009
  print "FATAL:  sorry, too many clients already"
}' >"$work/app.log"
sed -n 's/^  //p' "$root/src/causes/known.txt" | sort -u >"$work/texts"
grep="env LC_ALL=C grep -c -F -f $work/texts $work/app.log"

status=0
"$work/ratios" <<TABLE || status=1
dbharden url	1.6	$dbharden url --fail-on never	$work/empty
dbharden url, eleven drivers	1.8	$dbharden url --fail-on never$every	$work/empty
dbharden pool	1.6	$dbharden pool --fail-on never	$work/empty
dbharden connect	0.8	$dbharden connect --fail-on never	$psql
dbharden code, 700 files	4.0	$dbharden code $work/tree --fail-on never	$work/reading $work/tree
dbharden check	1.0	$dbharden check --fail-on never	$psql
dbharden logs	2.0	$dbharden logs --fail-on never $work/app.log	$grep
TABLE
(cd "$root" && cargo bench --locked --quiet --profile release --bench strings) || status=1
(cd "$root" && cargo bench --locked --quiet --profile release --bench parsing) || status=1

say "opening 2,000 sessions, to watch them"
ulimit -n 8192 2>/dev/null || true
superuser_sql "$work" "$port" <<'SQL'
alter system set max_connections = 2100;
alter system set shared_preload_libraries = 'pg_stat_statements';
SQL
stop_postgres "$work"
as_server_user "$(postgres_bin)/pg_ctl" start --silent --wait -D "$work/data" -l "$work/data/log"
superuser_sql "$work" "$port" <<'SQL'
create extension pg_stat_statements;
grant pg_monitor to bench;
SQL
coproc CROWD { exec "$work/crowd" "$work/socket/.s.PGSQL.$port" postgres 2000; }
# shellcheck disable=SC2034 # The line says that they are open.
read -r _ <&"${CROWD[0]}"

# Prints a number and its bound as a line of a table; ends with 1 where it is above.
bound() {
  awk -v what="$1" -v value="$2" -v bound="$3" -v unit="$4" 'BEGIN {
    printf "| %s | %.2f %s | %.2f %s | %s |\n", what, value, unit, bound, unit,
      (value <= bound) ? "holds" : "BROKEN"
    exit value > bound
  }'
}

# The nanoseconds that a process has been on a core, with all its threads.
nanoseconds() {
  cat "/proc/$1/task/"*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

# The first looks open the session and get to know everybody; the ticks after them count.
"$dbharden" activity --watch=2 >/dev/null &
watch=$!
sleep 7
superuser_sql "$work" "$port" <<<'select pg_stat_statements_reset()' >/dev/null
before=$(nanoseconds "$watch")
sleep 30
after=$(nanoseconds "$watch")
server=$(superuser_sql "$work" "$port" <<'SQL'
select sum(total_exec_time) / sum(calls) filter (where query = 'COMMIT')
from pg_stat_statements where userid = 'bench'::regrole
SQL
)
kill "$watch"
wait "$watch" || true
watch=
printf '\n| activity --watch, 2,000 sessions | measured | bound | |\n|---|---|---|---|\n'
bound "the server's time a tick" "$server" 5 ms || status=1
bound "of a core here, a tick every 2 s" "$(awk "BEGIN { print ($after - $before) / 30e7 }")" 1 % ||
  status=1
exit "$status"
