#!/usr/bin/env bash
# base.sh SUITE OUT.tar: a minimal Debian from this machine's own mirror, the base of the images where no image can be pulled
#
# It knows this machine's mirror and certificates, so that a build reaches the package registries as the machine does; the last
# step of a build forgets both.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/bin/setup/common.sh"
. "$ROOT/containers/scratch.sh"
suite=${1:?} out=${2:?}

command -v mmdebstrap >/dev/null || quietly "$TOOLS/log/mmdebstrap.log" "$ROOT/bin/setup/debian.sh" install mmdebstrap
here=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "$@" | head -n 1; }
main=$(mirror "Label: Debian" "Codename: $here")
security=$(mirror "Label: Debian-Security")
[[ -n $main ]] || die "apt on this machine knows no Debian mirror; name a base with BASE_${suite^^}=IMAGE instead"
sources=("deb $main $suite main" "deb $main $suite-updates main")
if [[ -n $security ]]; then sources+=("deb $security $suite-security main"); fi

bundle=/etc/ssl/certs/ca-certificates.crt
options=(--quiet --variant=minbase --include=ca-certificates --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io)
for folder in man info doc locale; do options+=("--dpkgopt=path-exclude=/usr/share/$folder/*"); done
options+=('--dpkgopt=path-include=/usr/share/doc/*/copyright')
if [[ -f $bundle ]]; then options+=("--customize-hook=copy-in $bundle ${bundle%/*}"); fi
options+=('--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin')
# in memory where there is room: dpkg waits for the disk after every file
scratch=$(scratch_folder)
trap 'rm -rf --one-file-system "$scratch"' EXIT
TMPDIR=$scratch mmdebstrap "${options[@]}" "$suite" "$scratch/base.tar" "${sources[@]}"
mv "$scratch/base.tar" "$out.new"
mv "$out.new" "$out"
