#!/usr/bin/env Rscript
# Flight against ground in one mission of a tissue, gene by gene; positive is up in flight.
#
#   limma_voom   TMM factors, voom weights, moderated t
#   deseq2       median-of-ratios factors, Wald statistic, fold changes not shrunken
#
#   differential_expression.R --expression a.h5[,b.h5] --samples a.csv[,b.csv] --tissue eye --mission M1 \
#       --positive FLT --negative GC,VC [--method limma_voom] --output <tissue>.<mission>.differential.h5

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(script), "stage.R"))

recipes <- c(
  limma_voom = "edgeR filterByExpr and TMM, limma voom and eBayes; flight against ground, study as covariate",
  deseq2 = "edgeR filterByExpr, DESeq2 Wald test; flight against ground, study as covariate"
)
fewest <- 2  # samples of each class

# Condition of each sample, in the order of the expression; a sample that no table has is a mistake.
read_conditions <- function(paths, samples) {
  tables <- lapply(paths, function(path) {
    table <- read_text_table(path)
    absent <- setdiff(c("sample", "condition"), names(table))
    if (length(absent)) problem(path, ": no column ", paste(absent, collapse = ", "), ".")
    table[c("sample", "condition")]
  })
  table <- do.call(rbind, tables)
  absent <- setdiff(samples, table$sample)
  if (length(absent)) problem("--samples: no row for sample ", absent[1], ".")
  table$condition[match(samples, table$sample)]
}

# Studies of a mission differ by themselves; where that cannot be told from flight, or leaves nothing to estimate the
# variance from, it stays in.
design_of <- function(flight, study) {
  alone <- model.matrix(~flight)
  if (length(unique(study)) < 2) return(alone)
  design <- model.matrix(~ factor(study) + flight)
  if (qr(design)$rank == ncol(design) && nrow(design) > ncol(design)) return(design)
  cat("NOTE: studies and flight cannot be told apart; the studies' own differences stay in.\n")
  alone
}

tests <- list(
  limma_voom = function(counts, design) {
    counts <- edgeR::calcNormFactors(edgeR::DGEList(counts))
    fit <- limma::eBayes(limma::lmFit(limma::voom(counts, design), design))
    table <- limma::topTable(fit, coef = "flight", number = Inf, sort.by = "none")
    table[c("logFC", "t", "P.Value", "adj.P.Val")]
  },
  deseq2 = function(counts, design) {
    set <- DESeq2::DESeqDataSetFromMatrix(counts, data.frame(row.names = colnames(counts)), design)
    set <- suppressMessages(DESeq2::DESeq(set, quiet = TRUE))
    table <- as.data.frame(DESeq2::results(set, name = "flight"))
    table[c("log2FoldChange", "stat", "pvalue", "padj")]
  }
)

compare <- function(mission, conditions, options) {
  positive <- conditions %in% split_list(options$positive)
  labelled <- positive | conditions %in% split_list(options$negative)
  flight <- as.numeric(positive[labelled])
  size <- c(positive = sum(flight == 1), negative = sum(flight == 0))
  empty <- matrix(0, 0, 4, dimnames = list(character(), NULL))
  if (min(size) < fewest) {
    cat("NOTE: ", options$tissue, ", ", options$mission, ": ", size[1], " flight and ", size[2], " ground samples, ",
        fewest, " of each are needed; it is left out.\n", sep = "")
    return(list(table = empty, size = size))
  }
  counts <- mission$counts[, labelled, drop = FALSE]
  storage.mode(counts) <- "integer"
  counts <- counts[edgeR::filterByExpr(counts, group = flight), , drop = FALSE]
  if (!nrow(counts)) {
    cat("NOTE: ", options$tissue, ", ", options$mission, ": no gene is expressed enough to be tested.\n", sep = "")
    return(list(table = empty, size = size))
  }
  table <- as.matrix(tests[[options$method]](counts, design_of(flight, mission$study[labelled])))
  list(table = table, size = size)
}

stage <- function() {
  options <- read_options(
    c("expression", "samples", "tissue", "mission", "positive", "negative", "output"), list(method = "limma_voom")
  )
  if (!options$method %in% names(tests)) {
    problem("--method: '", options$method, "' is not one of ", paste(names(tests), collapse = ", "), ".")
  }
  mission <- join_studies(split_list(options$expression))
  found <- compare(mission, read_conditions(split_list(options$samples), colnames(mission$counts)), options)

  store <- create_store(options$output)
  write_dataset(store, "genes", as.character(rownames(found$table)))
  columns <- c("log2_fold_change", "statistic", "p", "p_adjusted")
  for (i in seq_along(columns)) write_dataset(store, columns[i], as.numeric(found$table[, i]))
  write_attributes(store, list(
    tissue = options$tissue, mission = options$mission, method = options$method, recipe = recipes[[options$method]],
    n_positive = as.character(found$size[1]), n_negative = as.character(found$size[2]), R = r_version(),
    limma = version_of("limma"), edgeR = version_of("edgeR"), DESeq2 = version_of("DESeq2")
  ))
  rhdf5::H5Fclose(store)
  cat(options$mission, ":", found$size[1], "against", found$size[2], "samples,", nrow(found$table), "genes\n")
}

run_stage(stage)
