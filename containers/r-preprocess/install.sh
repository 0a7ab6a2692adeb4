#!/usr/bin/env bash
# install.sh: the R stages, inside a build
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

mapfile -t locked < <(sed '/^#/d; /^$/d' "$BUILD/containers/r-preprocess/packages.lock")
add_packages procps "${locked[@]}"
# C headers and help pages; what runs are R's own files
find /usr/lib/R/site-library /usr/lib/R/library -mindepth 2 -maxdepth 2 -type d \
  \( -name help -o -name html -o -name doc -o -name demo -o -name tests -o -name examples -o -name include \) -exec rm -rf {} +
{
  Rscript --vanilla -e 'cat("R", as.character(getRversion()), "\n")' | sed 's/ *$//'
  Rscript --vanilla -e 'for (name in c("DESeq2", "GSVA", "limma", "edgeR", "sva", "rhdf5", "data.table", "optparse", "jsonlite"))
    cat(name, " ", as.character(packageVersion(name)), "\n", sep = "")'
} | record
forget_site
tidy
