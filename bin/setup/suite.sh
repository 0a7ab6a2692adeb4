#!/usr/bin/env bash
# suite.sh SUITE FOLDER apt-get|apt-cache ARGUMENT...: asks for the packages of another Debian suite
#
# The package state lies in FOLDER and knows that suite alone, from where this machine has its own; the system's stays as it is.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

suite=${1:?} folder=$(mkdir -p "${2:?}" && cd "$2" && pwd)
command=("${@:3}")

if [[ ! -f $folder/ready ]]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -n 1)
  mkdir -p "$folder"/lists/partial "$folder"/cache/archives/partial
  : >"$folder/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:?no Debian mirror is set up} $suite main" >"$folder/sources.list"
  cat >"$folder/apt.conf" <<END
Dir::Etc::SourceList "$folder/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$folder/lists";
Dir::State::Status "$folder/status";
Dir::Cache "$folder/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT::Sandbox::User "root";
END
  APT_CONFIG=$folder/apt.conf apt-get -qq update
  touch "$folder/ready"
fi
cd "$folder"
APT_CONFIG=$folder/apt.conf exec "${command[@]}"
