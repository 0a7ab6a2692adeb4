#!/usr/bin/env bash
# docker.sh found     is there an engine that answers? Prints its version, else fails
# docker.sh missing   says in one line why there can be none here, and nothing when there can
# docker.sh install   Debian's docker.io, where none answers
# docker.sh up        starts an engine where none answers; prints DOCKER_HOST=... of it, for eval, or nothing
# docker.sh down      ends the engine that up started, and no other
#
# The engine's socket and data lie in .tools/docker; it has no network of its own (docker build --network host), and no service
# manager is needed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

HOME_OF_OURS=$TOOLS/docker
SOCKET=$HOME_OF_OURS/docker.sock
STARTED=$HOME_OF_OURS/started  # process id, and when the kernel says it began: numbers are used again

began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
ours_runs() {
  local pid since
  [[ -f $STARTED ]] && read -r pid since <"$STARTED" && [[ -n $since && $(began "$pid") == "$since" ]] &&
    ! grep -q '^State:.Z' "/proc/$pid/status"
}
answers() { DOCKER_HOST=${1:-${DOCKER_HOST:-}} docker version --format '{{.Server.Version}}' 2>/dev/null; }

missing() {
  if answers >/dev/null || command -v dockerd >/dev/null && [[ $(id -u) == 0 ]]; then return; fi
  may_install || echo 'no Docker engine answers, and only root can start one'
}

install() {
  local why
  why=$(missing)
  [[ -z $why ]] || die "$why"
  command -v dockerd >/dev/null && return
  mkdir -p "$TOOLS/log"
  say "Debian: docker.io (runs the stages in Docker images)" >&2
  # run level 1: the package does not start an engine of its own
  RUNLEVEL=1 quietly "$TOOLS/log/docker-install.log" "$ROOT/bin/setup/debian.sh" install docker.io
}

# In mount and cgroup namespaces of its own: what it mounts, nobody else sees, and its groups lie below ours.
engine() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  exec setsid unshare --mount --cgroup --propagation private bash -euo pipefail -c '
    if [[ ! -e /sys/fs/cgroup/cgroup.controllers ]]; then
      mount -t tmpfs none /sys/fs/cgroup
      while IFS=: read -r _ group _; do
        [[ $group =~ ^[a-z_,]+$ ]] || continue
        mkdir "/sys/fs/cgroup/$group"
        mount -t cgroup -o "$group" none "/sys/fs/cgroup/$group" || rmdir "/sys/fs/cgroup/$group"
      done </proc/self/cgroup
    fi
    exec dockerd --host "unix://$1/docker.sock" --data-root "$1/data" --exec-root "$1/run" --pidfile "$1/pid" \
      --bridge=none --iptables=false --ip6tables=false --exec-opt native.cgroupdriver=cgroupfs' engine "$HOME_OF_OURS"
}

up() {
  if answers >/dev/null; then return; fi
  if ! ours_runs; then
    ((${#SOCKET} < 100)) || die "$SOCKET is too long for a socket: move the checkout to a shorter path"
    install
    mkdir -p "$HOME_OF_OURS"
    rm -f "$STARTED" "$HOME_OF_OURS/pid" "$SOCKET"
    engine >"$TOOLS/log/docker-engine.log" 2>&1 </dev/null 7>&- 8>&- &
    local pid=$!
    echo "$pid $(began "$pid")" >"$STARTED"
  fi
  for _ in {1..150}; do
    if answers "unix://$SOCKET" >/dev/null; then
      echo "export DOCKER_HOST=unix://$SOCKET"
      return
    fi
    ours_runs || break
    sleep 0.1
  done
  tail -n 15 "$TOOLS/log/docker-engine.log" | sed 's/^/  | /' >&2
  down
  die "the Docker engine did not start; above is how .tools/log/docker-engine.log ends"
}

down() {
  local pid
  ours_runs || return 0
  read -r pid _ <"$STARTED"
  kill "$pid"
  for _ in {1..150}; do
    ours_runs || break
    sleep 0.1
  done
  if ours_runs; then die "the Docker engine (process $pid) does not end"; fi
  rm -f "$STARTED"
}

case ${1:-} in
  found) answers ;;
  missing | install | up | down) "$1" ;;
  *) die "usage: docker.sh found | missing | install | up | down" ;;
esac
