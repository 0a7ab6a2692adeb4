#!/usr/bin/env bash
# bare_machine.sh FOLDER [COMMAND]...: does the project come up on a machine that has nothing?
#
# Makes a Debian bookworm of its own below FOLDER with python3 and make only, gives it this machine's way to the package
# registries, clones the last commit into it and times each COMMAND there, in a mount namespace and a chroot.
# Default commands: 'make setup' twice, 'make demo' twice. By hand, by root; needs mmdebstrap and some 4 GB. Not part of pytest.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "${1:?usage: bare_machine.sh FOLDER [COMMAND]...}"
folder=$(cd "$1" && pwd)
shift
(($#)) || set -- 'make setup' 'make setup' 'make demo' 'make demo'
root=$folder/root

if [[ ! -f $folder/base.tar ]]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
  mmdebstrap -q --variant=minbase --include=ca-certificates,make,python3 bookworm "$folder/base.new.tar" "$mirror"
  mv "$folder/base.new.tar" "$folder/base.tar"
fi
rm -rf "$root"
mkdir "$root"
tar -xf "$folder/base.tar" -C "$root"

# what of this machine's settings leads to the registries; a certificate that was added
# to the bundle alone is what Java, which comes later, does not know
rm -rf "$root"/etc/apt/sources.list* "$root"/etc/apt/apt.conf.d/*
(cd / && cp -a --parents etc/apt/sources.list.d etc/apt/apt.conf.d "$root")
for file in /etc/apt/sources.list /etc/apt/auth.conf.d /etc/pip.conf /etc/resolv.conf "$HOME/.m2/settings.xml" \
  "$HOME/.config/pip" ${PIP_FIND_LINKS:+"$PIP_FIND_LINKS"}; do
  if [[ -e $file ]]; then (cd / && cp -aL --parents "${file#/}" "$root"); fi
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
mapfile -t settings < <(env | grep -iE '^(pip_[a-z_]*|ssl_cert_[a-z]*|https?_proxy|no_proxy)=')

git clone -q "$checkout" "$root/spacebio-bench"
printf 'commit %s, %s cores, %s\n' "$(git -C "$checkout" rev-parse --short HEAD)" "$(nproc)" "$folder"

inside() {
  unshare --mount --pid --fork bash -c 'root=$1; shift
    mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"
    exec chroot "$root" "$@"' - "$root" env -i HOME="$HOME" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    TERM=dumb "${settings[@]}" "$@"
}
TIMEFORMAT='took %1R s, and %1U + %1S s of processor time'
for command in "$@"; do
  printf '\n$ %s\n' "$command"
  began=$EPOCHREALTIME
  time inside bash -c "cd /spacebio-bench && $command" 2>&1 | while IFS= read -r line; do
    printf '%6.1f  %s\n' "$(awk "BEGIN { print $EPOCHREALTIME - $began }")" "$line"
  done
done
printf '\ndisk: %s\n' "$(du -sh "$root" | cut -f 1)"
