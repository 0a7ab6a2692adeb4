#!/usr/bin/env Rscript
# Raw counts of one study to log2(normalised count + 1): spike-ins out, rounded half to even, median-of-ratios size
# factors (DESeq2, design ~1) over all samples given. What looks odd about a sample becomes a QC column.
#
#   normalize_counts.R --counts counts.csv.gz --samples samples.csv --output <study>.h5

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(script), "stage.R"))

recipe <- paste(
  "ERCC- rows removed; counts rounded half to even; DESeq2 median-of-ratios size factors (design ~1) over all samples",
  "of the study; log2(count / size factor + 1)"
)

read_counts <- function(path, samples) {
  table <- read_text_table(path)
  genes <- table[[1]]
  unknown <- setdiff(samples, names(table)[-1])
  if (length(unknown)) problem(path, ": no column for sample ", paste(unknown, collapse = ", "), ".")
  twice <- unique(genes[duplicated(genes)])
  if (length(twice)) problem(path, ": gene id ", twice[1], " is there more than once.")
  given <- suppressWarnings(vapply(table[samples], as.numeric, numeric(length(genes))))
  given <- matrix(given, length(genes), length(samples), dimnames = list(genes, samples))
  bad <- which(!is.finite(given) | given < 0, arr.ind = TRUE)
  if (nrow(bad)) {
    problem(path, ", gene ", genes[bad[1, 1]], ", sample ", samples[bad[1, 2]], ": not a count of 0 or more.")
  }
  counts <- round(given[!startsWith(genes, "ERCC-"), , drop = FALSE])
  if (!nrow(counts)) problem(path, ": no genes besides spike-ins.")
  counts
}

# The median-of-ratios method needs genes that every sample has; a substitute is never taken unasked.
size_factors <- function(counts) {
  empty <- colnames(counts)[colSums(counts) == 0]
  if (length(empty)) {
    problem("every count of sample ", paste(empty, collapse = ", "), " is 0: give a reason in the samples table's ",
            "column exclude, and it is left out.")
  }
  if (!any(rowSums(counts == 0) == 0)) {
    detected <- colSums(counts > 0)
    worst <- which.min(detected)
    problem("every gene has a 0 in at least one sample, so median-of-ratios size factors do not exist. Sample ",
            names(worst), " has the fewest genes (", detected[worst], " of ", nrow(counts), "): exclude it in the ",
            "samples table, or leave the study out.")
  }
  factors <- DESeq2::estimateSizeFactorsForMatrix(counts)
  unusable <- names(factors)[!is.finite(factors) | factors <= 0]
  if (length(unusable)) problem("no size factor for sample ", paste(unusable, collapse = ", "), ".")
  factors
}

# Distance from the study's centre over its first two principal components (500 most variable genes), each at unit SD.
pca_distance <- function(expression) {
  if (ncol(expression) < 3) return(rep(NA_real_, ncol(expression)))
  variance <- apply(expression, 1, var)
  top <- order(variance, decreasing = TRUE)[seq_len(min(500, nrow(expression)))]
  component <- prcomp(t(expression[top, , drop = FALSE]), rank. = 2)
  real <- component$sdev[seq_len(ncol(component$x))] > 1e-8
  scaled <- sweep(component$x[, real, drop = FALSE], 2, component$sdev[which(real)], "/")
  unname(sqrt(rowSums(scaled^2)))
}

# Median Pearson correlation with the other samples of the same condition, over genes seen in the study.
replicate_correlation <- function(expression, condition) {
  seen <- expression[rowSums(expression) > 0, , drop = FALSE]
  correlation <- suppressWarnings(cor(seen))
  diag(correlation) <- NA
  vapply(seq_along(condition), function(i) {
    others <- correlation[i, condition == condition[i]]
    if (all(is.na(others))) NA_real_ else median(others, na.rm = TRUE)
  }, numeric(1))
}

stage <- function() {
  options <- read_options(c("counts", "samples", "output"))
  table <- read_text_table(options$samples)
  absent <- setdiff(c("sample", "condition"), names(table))
  if (length(absent)) problem(options$samples, ": no column ", paste(absent, collapse = ", "), ".")
  if (!nrow(table)) problem(options$samples, ": no samples.")

  counts <- read_counts(options$counts, table$sample)
  factors <- size_factors(counts)
  expression <- log2(sweep(counts, 2, factors, "/") + 1)
  qc <- list(
    library_size = colSums(counts),
    detected_genes = colSums(counts > 0),
    pca_distance = pca_distance(expression),
    replicate_correlation = replicate_correlation(expression, table$condition)
  )

  store <- create_store(options$output)
  write_dataset(store, "genes", rownames(counts))
  write_dataset(store, "samples", colnames(counts))
  write_dataset(store, "counts", unname(counts))
  write_dataset(store, "expression", unname(expression))
  write_dataset(store, "size_factors", unname(factors))
  write_group(store, "qc")
  for (name in names(qc)) write_dataset(store, paste0("qc/", name), unname(as.numeric(qc[[name]])))
  write_attributes(store, list(
    recipe = recipe, R = r_version(), DESeq2 = version_of("DESeq2"), rhdf5 = version_of("rhdf5")
  ))
  rhdf5::H5Fclose(store)
  cat(ncol(counts), "samples,", nrow(counts), "genes, size factors",
      paste(format(range(factors), digits = 3), collapse = " to "), "\n")
}

run_stage(stage)
