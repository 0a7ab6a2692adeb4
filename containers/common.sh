# shellcheck shell=bash
# What the install scripts of the images share; sourced, inside a build, where the project's files lie as they do in a checkout.

BUILD=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FACTS=/opt/spacebio-bench
# Scratch is a folder of the image itself. In an Apptainer build /tmp is the host's: nothing here may write or delete there.
SCRATCH=$BUILD/scratch
mkdir -p "$SCRATCH"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 TMPDIR=$SCRATCH

die() {
  printf 'image: %s\n' "$*" >&2
  exit 1
}

# served NAME: the versions that Debian has of a package
served() { apt-cache madison "$1" | cut -d '|' -f 2 | tr -d ' ' | sort -u; }

# add_packages NAME[=VERSION]...: from Debian, and nothing that they only recommend
add_packages() {
  apt-get -qq -o Acquire::Languages=none update
  local wanted absent=()
  for wanted in "$@"; do
    if [[ $wanted == *=* ]] && ! served "${wanted%%=*}" | grep -xF "${wanted#*=}" >/dev/null; then
      absent+=("$wanted (served: $(served "${wanted%%=*}" | xargs))")
    fi
  done
  if ((${#absent[@]})); then
    printf 'image: Debian does not serve any more: %s\n' "${absent[@]}" >&2
    die 'lock what it serves now, with bin/setup/lock.sh debian, and build again'
  fi
  apt-get -qq -o DPkg::Options::=--force-unsafe-io install --no-install-recommends "$@" >/dev/null
}

# The last step of a build, not before: what a base that was made on the spot knows of that place (mirror, certificates) is not for where the image
# goes.
forget_site() {
  local suite
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*mirror* /etc/apt/apt.conf.d/*proxy*
  cat >/etc/apt/sources.list.d/debian.sources <<END
Types: deb
URIs: http://deb.debian.org/debian
Suites: $suite $suite-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: $suite-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  if command -v update-ca-certificates >/dev/null; then
    rm -f /usr/local/share/ca-certificates/*
    update-ca-certificates --fresh >/dev/null
  fi
}

# record: image.json, from the labels and the main packages ("NAME VERSION" lines on stdin); installed.txt, all there is
record() {
  [[ -s $BUILD/labels ]] || die "$BUILD/labels is missing: build with bin/images.sh, which writes it"
  mkdir -p "$FACTS"
  label() { sed -n "s/^$1=//p" "$BUILD/labels"; }
  {
    printf '{"image": "%s", "version": "%s",\n' "$(label org.opencontainers.image.title)" "$(label org.opencontainers.image.version)"
    printf ' "lock": "%s",\n "source": "%s",\n "packages": {' "$(label org.spacebio-bench.lock)" "$(label org.spacebio-bench.source)"
    sed 's/^\([^ ]*\) \(.*\)$/"\1": "\2"/' | paste -s -d , | sed 's/,/, /g' | tr -d '\n'
    printf '}}\n'
  } >"$FACTS/image.json"
  cp "$BUILD/labels" "$FACTS/labels"
  # Apptainer takes labels from a file
  if [[ -n ${APPTAINER_LABELS:-} ]]; then sed 's/=/ /' "$BUILD/labels" >>"$APPTAINER_LABELS"; fi
  dpkg-query -W -f '${Package} ${Version}\n' >"$FACTS/installed.txt"
}

tidy() {
  apt-get clean
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/* \
    /usr/share/{man,info,locale,lintian,bug}/*
  # licences stay
  find /usr/share/doc -mindepth 1 ! -type d ! -name 'copyright*' -delete
  find /usr/share/doc -mindepth 1 -type d -empty -delete
  # a name for the number that containers run as, for programs that ask
  grep -q '^bench:' /etc/passwd || echo 'bench:x:10001:10001::/tmp:/usr/sbin/nologin' >>/etc/passwd
  grep -q '^bench:' /etc/group || echo 'bench:x:10001:' >>/etc/group
}
