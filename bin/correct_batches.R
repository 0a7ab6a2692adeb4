#!/usr/bin/env Rscript
# Expression of one tissue with the differences between its missions taken out, on the genes that all its studies have;
# NaN where a method leaves a gene as it was.
#
#   limma        limma::removeBatchEffect on log2(normalised count + 1): every mission gets the same mean of every gene
#   combat_seq   sva::ComBat_seq on the rounded counts, then size factors over all samples and log2(count / factor + 1)
#
#   correct_batches.R --expression a.h5,b.h5,... --missions M1,M2,... [--methods limma,combat_seq] \
#       --output <tissue>.corrected.h5

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(script), "stage.R"))

recipes <- c(
  limma = "limma removeBatchEffect on log2 normalised counts; batch: mission; no labels; genes of all studies",
  combat_seq = paste(
    "sva ComBat_seq on rounded counts; batch: mission; no labels; genes of all studies; DESeq2 median-of-ratios size",
    "factors over all samples; log2(count / size factor + 1)"
  )
)

# No method is told the conditions. Every sample's mission is seen, the held-out one's too (transductive); were labels
# seen, those of the test samples would be in their own corrected expression. The price: where missions have other shares
# of flight, a part of its effect goes with the batch.
correct <- list(
  limma = function(tissue, mission) limma::removeBatchEffect(tissue$expression, batch = mission),
  combat_seq = function(tissue, mission) {
    if (min(table(mission)) < 2) return("ComBat-seq needs two samples of every mission")
    utils::capture.output(counts <- suppressMessages(sva::ComBat_seq(tissue$counts, batch = mission)))
    # over the tissue, not per study: missions of other depth would keep their distance
    if (!any(rowSums(counts == 0) == 0)) return("no gene is in every sample, so there are no size factors")
    factors <- DESeq2::estimateSizeFactorsForMatrix(counts)
    expression <- log2(sweep(counts, 2, factors, "/") + 1)
    # ComBat-seq passes genes on as they were that a whole mission lacks
    lacks <- vapply(levels(mission), function(one) rowSums(tissue$counts[, mission == one]) == 0, logical(nrow(counts)))
    expression[rowSums(lacks) > 0, ] <- NA
    expression
  }
)

# Genes x samples, or why there is none.
attempt <- function(method, tissue, mission) {
  if (length(unique(mission)) < 2) return("one mission: there is no batch to correct for")
  if (!nrow(tissue$expression)) return("the studies have no gene in common")
  correct[[method]](tissue, mission)
}

stage <- function() {
  options <- read_options(c("expression", "missions", "output"), list(methods = "limma,combat_seq"))
  paths <- split_list(options$expression)
  missions <- split_list(options$missions)
  methods <- split_list(options$methods)
  if (length(paths) != length(missions)) problem("--missions: one for each file of --expression is needed.")
  unknown <- setdiff(methods, names(correct))
  if (length(unknown)) {
    problem("--methods: '", unknown[1], "' is not one of ", paste(names(correct), collapse = ", "), ".")
  }
  tissue <- join_studies(paths)
  mission <- factor(missions[tissue$study])

  store <- create_store(options$output)
  write_dataset(store, "samples", colnames(tissue$expression))
  write_dataset(store, "genes", rownames(tissue$expression))
  write_group(store, "corrected")
  for (method in methods) {
    expression <- attempt(method, tissue, mission)
    if (is.character(expression)) {
      cat("NOTE: ", method, ": ", expression, ".\n", sep = "")
      next
    }
    write_dataset(store, paste0("corrected/", method), unname(expression))
    cat(method, ":", ncol(expression), "samples of", nlevels(mission), "missions,", sum(!is.na(expression[, 1])), "genes\n")
  }
  write_attributes(store, c(
    as.list(setNames(recipes[methods], paste0(methods, "_recipe"))),
    list(R = r_version(), limma = version_of("limma"), sva = version_of("sva"))
  ))
  rhdf5::H5Fclose(store)
}

run_stage(stage)
