#!/usr/bin/env bash
# debian.sh missing tools|statistics|tabnet|slurm|checks   prints what this machine lacks, one Debian package a line
# debian.sh install PACKAGE...                installs them; where that may not be, names them and fails
#
# What counts is that the thing works, not who installed it: R packages from conda, or another Java, are as good.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# the R package, and the Debian package that brings it
R_PACKAGES="DESeq2:r-bioc-deseq2 GSVA:r-bioc-gsva limma:r-bioc-limma edgeR:r-bioc-edger sva:r-bioc-sva
rhdf5:r-bioc-rhdf5 data.table:r-cran-data.table optparse:r-cran-optparse jsonlite:r-cran-jsonlite"

missing_tools() {
  find_python >/dev/null || printf '%s\n' python3 python3-venv
  find_java >/dev/null || echo openjdk-17-jre-headless
  # Maven fetches the jars of Nextflow, once
  command -v mvn >/dev/null || "$ROOT/bin/setup/nextflow.sh" found >/dev/null || echo maven
  command -v ps >/dev/null || echo procps
  command -v make >/dev/null || echo make
}

missing_statistics() {
  local pair names=() absent
  for pair in $R_PACKAGES; do names+=("${pair%%:*}"); done
  if ! command -v Rscript >/dev/null; then
    echo r-base-core
    absent=${names[*]}
  else
    absent=$(Rscript --vanilla -e 'cat(setdiff(commandArgs(TRUE), rownames(installed.packages())))' "${names[@]}")
  fi
  for pair in $R_PACKAGES; do
    if [[ " $absent " == *" ${pair%%:*} "* ]]; then echo "${pair#*:}"; fi
  done
}

missing_tabnet() {
  /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  [[ -d /usr/lib/python3/dist-packages/torch ]] || echo python3-torch
}

# a whole cluster on one machine, for the tests
missing_slurm() {
  local pair
  for pair in sbatch:slurm-client slurmctld:slurmctld slurmd:slurmd munged:munge ip:iproute2 ps:procps; do
    command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
  done
}

# other implementations, and a browser
missing_checks() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo chromium
  local name
  for name in pROC metafor; do
    Rscript --vanilla -e 'quit(status = !requireNamespace(commandArgs(TRUE), quietly = TRUE))' "$name" >/dev/null 2>&1 || echo "r-cran-${name,,}"
  done
}

name_them() {
  {
    echo 'set-up: these Debian packages are missing, and only root may install them, with apt-get:'
    printf '  %s\n' "$@"
    echo 'Ask whoever may:'
    echo "  apt-get install --no-install-recommends $*"
    echo 'Or take from conda-forge and bioconda what they stand for: openjdk=17 maven procps-ng make r-base'
    echo '  bioconductor-{deseq2,gsva,limma,edger,sva,rhdf5} r-{data.table,optparse,jsonlite}'
  } >&2
  exit 1
}

install() {
  may_install || name_them "$@"
  export DEBIAN_FRONTEND=noninteractive
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300)
  # lists of the last hour are fresh enough
  if [[ -z $(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin -60 -print -quit) ]]; then
    "${apt[@]}" update
  fi
  # unsafe-io: dpkg does not wait for the disk after every file
  "${apt[@]}" -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends "$@"
}

case ${1:-} in
  missing) "missing_${2:?}" ;;
  install) install "${@:2}" ;;
  *) die "usage: debian.sh missing GROUP | install PACKAGE..." ;;
esac
