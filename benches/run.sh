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
  stop_postgres "$work" || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

need cc postgres python openssl

say "building dbharden (the first time takes some minutes)"
(cd "$root" && cargo build --release --locked --quiet --bin dbharden --bench strings)
for program in empty ratios; do
  rustc --edition 2024 -C opt-level=3 -C panic=abort -C strip=symbols \
    -o "$work/$program" "$root/benches/$program.rs"
done
dbharden=$target/release/dbharden

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
cd "$work/project"
export DATABASE_URL="postgresql://bench:bench@127.0.0.1:$port/postgres?sslmode=require"
export DB_POOL_SIZE=5 DB_MAX_OVERFLOW=10 DB_POOL_RECYCLE=1800 DB_POOL_TIMEOUT=30
psql="$(postgres_bin)/psql -XAtq -c select/**/1 $DATABASE_URL"

every=
for driver in libpq psycopg2 psycopg asyncpg sqlalchemy+psycopg2 sqlalchemy+psycopg \
  sqlalchemy+asyncpg sqlalchemy+pg8000 node-postgres postgres.js tokio-postgres; do
  every+=" --driver $driver"
done

status=0
"$work/ratios" <<TABLE || status=1
dbharden url	1.6	$dbharden url --fail-on never	$work/empty
dbharden url, eleven drivers	1.8	$dbharden url --fail-on never$every	$work/empty
dbharden pool	1.6	$dbharden pool --fail-on never	$work/empty
dbharden connect	0.8	$dbharden connect --fail-on never	$psql
dbharden check	1.0	$dbharden check --fail-on never	$psql
TABLE
(cd "$root" && cargo bench --locked --quiet --profile release --bench strings) || status=1
exit "$status"
