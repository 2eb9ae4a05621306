#!/usr/bin/env bash
# Writes benches/start.ld, the order in which build.rs has the linker lay out the code that a start
# runs: `bash benches/order.sh`, when `bash benches/run.sh` says that a start became slow.
#
# Code that is scattered over the program comes in by some fifty page faults of 4 to 6 µs each, which
# is more than what `dbharden pool` computes. Most functions are named without a compiler's hashes, so
# that the order outlives it; a name that is gone matches nothing and does no harm.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/support/machine.sh
source "$root/tests/support/machine.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

need cc valgrind
say "building dbharden with its names (the first time takes some minutes)"
# Not by the profile: that would change the hashes in the names.
(cd "$root" && cargo rustc --release --locked --quiet --bin dbharden --target-dir "$target/order" \
  -- -C strip=none)
dbharden=$target/order/release/dbharden

every=()
for driver in libpq psycopg2 psycopg asyncpg sqlalchemy+psycopg2 sqlalchemy+psycopg \
  sqlalchemy+asyncpg sqlalchemy+pg8000 node-postgres postgres.js tokio-postgres; do
  every+=(--driver "$driver")
done
cp "$root/examples/hiremebahamas/render.yaml" "$work"
cd "$work"
run() {
  say "following dbharden $1"
  env -i DATABASE_URL=postgresql://app:secret@127.0.0.1/app?sslmode=require DB_POOL_SIZE=5 \
    DB_MAX_OVERFLOW=10 DB_POOL_RECYCLE=1800 DB_POOL_TIMEOUT=30 \
    valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/calls.$1$#" \
    "$dbharden" "$@" --fail-on never >/dev/null 2>&1
}
run url
run url "${every[@]}"
run pool
# First what every run calls, last what only one does. A name loses its hash, unless it then takes in
# far more than what is called, which would scatter it again.
for calls in "$work"/calls.*; do
  sed -nE "s/^c?fn=\([0-9]+\) (_[RZ][^' ]*).*/\1/p" "$calls" | sort -u
done | sort | uniq -c >"$work/called"
nm --print-size "$dbharden" | awk -v called="$work/called" '
  function pattern(name) {
    if (name ~ /^_R/) gsub(/Cs[0-9A-Za-z]+_/, "Cs*_", name)
    else sub(/17h[0-9a-f]+E.*$/, "17h*", name)
    return name
  }
  function bytes(hex,   at, sum) {
    for (at = 1; at <= length(hex); at++)
      sum = sum * 16 + index("0123456789abcdef", substr(hex, at, 1)) - 1
    return sum
  }
  BEGIN { while ((getline <called) > 0) runs[$2] = $1 }
  NF == 4 && $3 ~ /^[tT]$/ {
    all[pattern($4)] += bytes($2)
    if ($4 in runs) { size[$4] = bytes($2); used[pattern($4)] += size[$4] }
  }
  END {
    for (name in size) {
      one = pattern(name)
      print runs[name], size[name], (all[one] <= 1.2 * used[one] + 64) ? one : name
    }
  }
' | LC_ALL=C sort -k1,1nr -k2,2n -k3,3 | awk '!known[$3]++ { print $3 }' >"$work/order"

{
  echo "/* The code that a start runs, side by side. Written by benches/order.sh, used by build.rs. */"
  echo "SECTIONS {"
  echo "  .text.start : {"
  sed 's/.*/    *(.text*.&)/' "$work/order"
  echo "  }"
  echo "}"
  echo "INSERT BEFORE .text;"
} >"$root/benches/start.ld"
say "$(wc -l <"$work/order") functions in benches/start.ld"
