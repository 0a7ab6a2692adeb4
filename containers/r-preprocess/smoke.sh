#!/usr/bin/env bash
# smoke.sh SCRATCH: does this image do its work? Runs inside it, as anybody, writing to SCRATCH only
set -euo pipefail
cd "${1:?a folder to write to}"
# a number without a name has no other home than this variable
if getent passwd "$(id -u)" >/dev/null; then unset HOME; fi
command -v bash ps Rscript
Rscript --vanilla -e 'for (name in c("DESeq2", "GSVA", "limma", "edgeR", "sva", "rhdf5", "data.table", "optparse", "jsonlite")) {
  suppressPackageStartupMessages(library(name, character.only = TRUE))
  cat(name, as.character(packageVersion(name)), "\n")
}
set.seed(1)
counts <- matrix(rpois(400, 50), 100, dimnames = list(paste0("g", 1:100), paste0("s", 1:4)))
stopifnot(abs(DESeq2::estimateSizeFactorsForMatrix(counts) - 1) < 0.2)
scores <- GSVA::gsva(GSVA::gsvaParam(log2(counts + 1), list(a = paste0("g", 1:20))), verbose = FALSE)
stopifnot(dim(scores) == c(1, 4), is.finite(scores))
rhdf5::h5write(scores, "scores.h5", "scores")
stopifnot(identical(dim(rhdf5::h5read("scores.h5", "scores")), dim(scores)))'
grep -q '"image": "r-preprocess"' /opt/spacebio-bench/image.json
echo smoke: ok
