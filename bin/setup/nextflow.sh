#!/usr/bin/env bash
# nextflow.sh install   makes .venv/bin/nextflow, Nextflow 25.04
# nextflow.sh found     prints which Nextflow it is when nothing has to be fetched for it, else fails
#
# An official Nextflow 25.04 on PATH is used. Without one, the launcher script comes from PyPI and what it would fetch from the
# project's own site comes from Maven Central: its jars, bound together by one jar that only lists them.
# The network is never asked again: without plugins, this Nextflow runs unplugged.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$TOOLS/log"

VERSION=25.04.4
HERE=$ROOT/bin/setup
HOME_OF_OURS=$TOOLS/nextflow
MARK='# made by the set-up of SpaceBio-Bench'
inputs=$(digest "$HERE/nextflow.sh" "$HERE/nextflow.pom.xml" "$HERE/nextflow.lock" "$HERE/nextflow_jar.py" "$ROOT")

ours() { done_before "$HOME_OF_OURS/.set-up" "$inputs"; }

# path of an official Nextflow 25.04, never an entry that some checkout's set-up has made
official() {
  local path
  while read -r path; do
    if ! grep -qsF "$MARK" "$path" && NXF_DISABLE_CHECK_LATEST=true "$path" -version 2>/dev/null | grep -q 'version 25\.04\.'; then
      echo "$path"
      return 0
    fi
  done < <(type -ap nextflow)
  return 1
}

# Maven, and where Java does not trust what the machine trusts, Maven with the machine's certificates
fetch_jars() {
  local maven=(mvn --batch-mode --quiet --update-snapshots -Dstyle.color=never "-Djars=$HOME_OF_OURS/jars"
    --file "$HERE/nextflow.pom.xml" package)
  local log=$TOOLS/log/maven.log bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
  if "${maven[@]}" >"$log" 2>&1; then return; fi
  if [[ -f $bundle ]] && grep -qE 'PKIX|trustAnchors|SSLHandshake' "$log"; then
    say "Java's certificates do not do; with those of $bundle"
    "$VENV/bin/python" "$HERE/java_trust.py" "$bundle" "$HOME_OF_OURS/trust.jks"
    MAVEN_OPTS="-Djavax.net.ssl.trustStore=$HOME_OF_OURS/trust.jks ${MAVEN_OPTS:-}" quietly "$log" "${maven[@]}"
  else
    shown "$log" "${maven[@]}"
  fi
}

fetch() {
  rm -rf "$HOME_OF_OURS"
  mkdir -p "$HOME_OF_OURS"
  say "Nextflow $VERSION from PyPI (launcher) and Maven Central (jars), which runs the pipeline"
  fetch_jars
  "$VENV/bin/python" "$HERE/nextflow_jar.py" "$HOME_OF_OURS/jars" "$HOME_OF_OURS/nextflow.jar"
  quietly "$TOOLS/log/launcher.log" "$VENV/bin/python" -m pip --disable-pip-version-check install -q --no-deps --require-hashes \
    --no-compile --target "$HOME_OF_OURS/launcher" -r "$HERE/nextflow.lock"
  echo "$inputs" >"$HOME_OF_OURS/.set-up"
}

# entry TARGET VARIABLES...: writes .venv/bin/nextflow by rename, since a run may be reading the old one
entry() {
  local target=$1
  shift
  {
    printf '#!/bin/sh\n%s\n' "$MARK"
    # a caller's own setting goes first
    printf 'export %s\n' "$@"
    # a log wants lines, not a screen that is drawn over and over
    printf '[ -t 1 ] || export NXF_ANSI_LOG="${NXF_ANSI_LOG:-false}"\n'
    printf 'exec "%s" "$@"\n' "$target"
  } >"$VENV/bin/.nextflow.new"
  chmod 755 "$VENV/bin/.nextflow.new"
  mv "$VENV/bin/.nextflow.new" "$VENV/bin/nextflow"
}

install() {
  local stamp=$VENV/.nextflow path java
  if done_before "$stamp" "$inputs" && [[ -x $VENV/bin/nextflow && -x $(sed -n 's/^exec "\(.*\)" .*/\1/p' "$VENV/bin/nextflow") ]]; then
    say "Nextflow is up to date"
    return
  fi
  local common=(
    'NXF_OFFLINE="${NXF_OFFLINE:-true}"'
    'NXF_DISABLE_CHECK_LATEST=true'
    # a run is short: the compilers for long ones double its start
    'NXF_JVM_ARGS="${NXF_JVM_ARGS--XX:TieredStopAtLevel=1 -XX:+UseSerialGC}"'
  )
  if ! ours && path=$(official); then
    say "Nextflow 25.04 is on this machine: $path"
    entry "$path" "${common[@]}"
  else
    ours || fetch
    java=$(find_java) || die "no Java 17 to 24 (Debian: openjdk-17-jre-headless)"
    entry "$HOME_OF_OURS/launcher/bin/nextflow" "${common[@]}" "NXF_VER=$VERSION" "NXF_BIN=\"$HOME_OF_OURS/nextflow.jar\"" \
      "NXF_HOME=\"\${NXF_HOME:-$HOME_OF_OURS/home}\"" "NXF_JAVA_HOME=\"\${NXF_JAVA_HOME:-$java}\""
  fi
  # the first start writes the launcher's cache; and it proves that it works
  quietly "$TOOLS/log/nextflow.log" "$VENV/bin/nextflow" -log "$TOOLS/log/nextflow.start.log" -version
  echo "$inputs" >"$stamp"
}

case ${1:-} in
  found) if ours; then echo "$HOME_OF_OURS"; else official; fi ;;
  install) install ;;
  *) die "usage: nextflow.sh install | found" ;;
esac
