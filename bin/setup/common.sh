# shellcheck shell=bash
# What the set-up scripts share; sourced, never run. Defines ROOT, TOOLS, VENV.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS=$ROOT/.tools
VENV=$ROOT/.venv

say() { printf 'set-up: %s\n' "$*"; }
die() {
  printf 'set-up: %s\n' "$*" >&2
  exit 1
}

# may_install: only root may, and only where there is apt
may_install() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

# digest FILE_OR_TEXT...: one digest of the contents of the files and of the other words
digest() {
  local word
  for word in "$@"; do
    if [[ -f $word ]]; then cat "$word"; else printf '%s\n' "$word"; fi
  done | sha256sum | cut -d ' ' -f 1
}

# done_before STAMP DIGEST: was this step finished with the same inputs?
done_before() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# shown LOG COMMAND...: says that the command failed, and how its log ends
shown() {
  printf 'set-up: this failed: %s\n' "${*:2}" >&2
  tail -n 40 "$1" | sed 's/^/  | /' >&2
  return 1
}

# quietly LOG COMMAND...: the output goes to a log, and to the screen only when the command fails
quietly() {
  "${@:2}" >"$1" 2>&1 || shown "$@"
}

# need_debian GROUP WHY: installs the packages of a group of debian.sh that are missing
need_debian() {
  local absent debian=$ROOT/bin/setup/debian.sh
  mapfile -t absent < <("$debian" missing "$1")
  ((${#absent[@]})) || return 0
  say "Debian: ${absent[*]} ($2)"
  may_install || "$debian" install "${absent[@]}" # names them and fails
  mkdir -p "$TOOLS/log"
  quietly "$TOOLS/log/debian-$1.log" "$debian" install "${absent[@]}"
}

# find_python: the Python to build environments with, 3.11 before anything newer; it must be able to make one
find_python() {
  local name
  for name in python3.11 python3 /usr/bin/python3; do
    if "$name" -c 'import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print(sys.executable)' 2>/dev/null; then
      return 0
    fi
  done
  return 1
}

# find_java: home of a Java that Nextflow 25.04 runs on (17 to 24)
find_java() {
  local java version
  for java in ${NXF_JAVA_HOME:+"$NXF_JAVA_HOME/bin/java"} ${JAVA_HOME:+"$JAVA_HOME/bin/java"} java /usr/lib/jvm/*-17-*/bin/java; do
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || continue
    if [[ -n $version ]] && ((version >= 17 && version <= 24)); then
      java=$(readlink -f "$(command -v "$java")")
      echo "${java%/bin/java}"
      return 0
    fi
  done
  return 1
}
