#!/usr/bin/env bash
# apptainer.sh install   makes .venv/bin/apptainer, Apptainer 1.2 or newer, which runs the stages in images
# apptainer.sh found     prints which Apptainer it is when nothing has to be fetched for it, else fails
# apptainer.sh missing   says in one line why there can be none here, and nothing when there can
#
# An Apptainer on PATH is used. Without one, and with root on Debian bookworm, the package of Debian's unstable branch goes to
# .tools/apptainer. It asks for a newer libc than bookworm's, so that libc lies beside it and only its own two programs use it;
# what they call (mksquashfs, squashfuse) is bookworm's.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PREFIX=$TOOLS/apptainer
ENTRY=$VENV/bin/apptainer
MARK='# made by the set-up of SpaceBio-Bench'
HELPERS=(squashfs-tools squashfuse fuse3 fuse-overlayfs uidmap e2fsprogs libseccomp2 libsqlite3-0 ca-certificates patchelf)
inputs=$(digest "${BASH_SOURCE[0]}" "$ROOT/bin/setup/suite.sh" "$ROOT")

ours() { done_before "$PREFIX/.set-up" "$inputs" && "$PREFIX/bin/apptainer" --version >/dev/null 2>&1; }

# new_enough PATH: is this Apptainer, 1.2 or newer? Older ones and SingularityCE have no --build-arg.
new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n 's/^apptainer version \([0-9]*\.[0-9]*\).*/\1/p')
  [[ -n $version ]] && ((${version%.*} > 1 || ${version#*.} >= 2))
}

# path of an Apptainer of this machine, never an entry that some checkout's set-up has made
official() {
  local path
  while read -r path; do
    if ! grep -qsF "$MARK" "$path" && new_enough "$path"; then
      echo "$path"
      return 0
    fi
  done < <(type -ap apptainer singularity)
  return 1
}

missing() {
  if official >/dev/null || ours; then return; fi
  if ! may_install; then
    echo 'Apptainer 1.2 or newer is not on PATH, and only root can install it, with apt-get'
  elif ! grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release || [[ $(dpkg --print-architecture) != amd64 ]]; then
    echo "Apptainer 1.2 or newer is not on PATH, and can be installed here on Debian bookworm (amd64) only"
  fi
}

fetch() {
  local why scratch program lib=x86_64-linux-gnu
  why=$(missing)
  [[ -z $why ]] || die "$why"
  say "Apptainer, from Debian's unstable branch, into .tools/apptainer (runs the stages in images)"
  quietly "$TOOLS/log/apptainer-helpers.log" "$ROOT/bin/setup/debian.sh" install "${HELPERS[@]}"
  scratch=$(mktemp -d)
  trap "rm -rf '$scratch'" EXIT
  quietly "$TOOLS/log/apptainer.log" "$ROOT/bin/setup/suite.sh" sid "$scratch" apt-get -q download apptainer libc6
  rm -rf "$PREFIX"
  mkdir -p "$PREFIX/libc" "$PREFIX/var/lib/apptainer/mnt/session"
  dpkg-deb -x "$scratch"/apptainer_*.deb "$scratch/package"
  dpkg-deb -x "$scratch"/libc6_*.deb "$scratch/libc"
  cp -a "$scratch"/package/usr/{bin,lib} "$scratch/package/etc" "$PREFIX/"
  cp -a "$scratch/libc/usr/lib/$lib"/*.so* "$PREFIX/libc/"
  for program in bin/apptainer "lib/$lib/apptainer/bin/starter"; do
    # the old kind of path, which holds for the libraries of libraries, too: one process, one libc
    patchelf --set-interpreter "$PREFIX/libc/ld-linux-x86-64.so.2" --force-rpath \
      --set-rpath "$PREFIX/libc:/lib/$lib:/usr/lib/$lib" "$PREFIX/$program"
  done
  # the starter looks for both below lib/
  ln -s ../var ../etc "$PREFIX/lib/"
  # no systemd in containers and on small machines
  sed -i 's/^systemd cgroups = yes/systemd cgroups = no/' "$PREFIX/etc/apptainer/apptainer.conf"
  quietly "$TOOLS/log/apptainer-try.log" "$PREFIX/bin/apptainer" --version
  echo "$inputs" >"$PREFIX/.set-up"
}

# entry TARGET: writes .venv/bin/apptainer by rename, since a task may be reading the old one
entry() {
  cat >"$ENTRY.new" <<END
#!/bin/sh
$MARK
# root asks for every capability; where the machine withholds CAP_SYS_RESOURCE (bit 24), that would fail
case \$(sed -n 's/^CapBnd:.*\(.\)......\$/\1/p' /proc/self/status) in
  [02468ace]) export APPTAINER_DROP_CAPS="\${APPTAINER_DROP_CAPS-CAP_SYS_RESOURCE}" ;;
esac
exec "$1" "\$@"
END
  chmod 755 "$ENTRY.new"
  mv "$ENTRY.new" "$ENTRY"
}

install() {
  local path
  mkdir -p "$TOOLS/log"
  [[ -d $VENV/bin ]] || die ".venv is not there: make setup"
  if path=$(official); then
    say "Apptainer is on this machine: $path"
  else
    path=$PREFIX/bin/apptainer
    if ours; then say "Apptainer is up to date"; else fetch; fi
  fi
  grep -qsF "exec \"$path\"" "$ENTRY" || entry "$path"
}

case ${1:-} in
  install)
    mkdir -p "$TOOLS"
    # two of us at a time would build the same folder
    exec 8>"$TOOLS/apptainer.lock"
    flock 8
    install
    ;;
  found) official || { ours && [[ -x $ENTRY ]] && echo "$PREFIX/bin/apptainer"; } ;;
  missing) missing ;;
  *) die "usage: apptainer.sh install | found | missing" ;;
esac
