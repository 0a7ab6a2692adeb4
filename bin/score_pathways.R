#!/usr/bin/env Rscript
# Pathway scores of one mission, for any number of gene-set collections.
#
#   gsva    GSVA over all samples of the mission, Gaussian kernel, on the genes that the mission expresses
#           (normalised count above --expressed-above in at least --in-fraction of its samples)
#   ssgsea  ssGSEA of each sample by itself, on the genes of --universe: no normalisation across samples, no gene
#           dropped for being constant or unexpressed
#
#   score_pathways.R --expression a.h5[,b.h5] --gene-sets NAME=FILE.gmt,... --symbols symbols.csv --scorer gsva \
#       --min-size 15 --max-size 500 [--universe genes.txt] [--expressed-above 1 --in-fraction 0.2] --output scores.h5

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(script), "stage.R"))

recipes <- c(
  gsva = "GSVA over all samples of the mission, Gaussian kernel",
  ssgsea = "ssGSEA of each sample by itself, alpha 0.25, no normalisation across samples"
)

# GSVA: genes expressed in enough of the mission's samples. ssGSEA: the universe, whatever this mission expresses, in one
# order for all missions (it breaks the ties between genes of equal expression).
choose_genes <- function(mission, options) {
  genes <- rownames(mission$expression)
  if (options$scorer == "gsva") {
    above <- mission$normalised > number_option(options, "expressed-above")
    return(genes[rowMeans(above) >= number_option(options, "in-fraction")])
  }
  if (is.na(options$universe)) return(genes)
  if (!file.exists(options$universe)) problem(options$universe, " does not exist.")
  universe <- readLines(options$universe)
  absent <- setdiff(universe, genes)
  if (length(absent)) problem(options$universe, ": ", absent[1], " is not in the expression.")
  universe
}

# Symbols as row names, first row of a repeated one; gene ids themselves where no symbols are given.
with_symbols <- function(expression, path) {
  table <- read_text_table(path)
  if (!nrow(table)) return(expression)
  symbol <- table[[2]][match(rownames(expression), table[[1]])]
  first <- !is.na(symbol) & symbol != "" & !duplicated(symbol)
  expression <- expression[first, , drop = FALSE]
  rownames(expression) <- symbol[first]
  expression
}

read_collections <- function(text) {
  entries <- split_list(text)
  names <- sub("=.*", "", entries)
  if (any(!grepl("^[^=]+=.+", entries))) problem("--gene-sets: NAME=FILE.gmt,... is needed, not '", text, "'.")
  if (anyDuplicated(names)) problem("--gene-sets: ", names[duplicated(names)][1], " is named twice.")
  collections <- lapply(sub("^[^=]*=", "", entries), function(path) {
    if (!file.exists(path)) problem(path, " does not exist.")
    lines <- strsplit(sub("\r$", "", readLines(path, warn = FALSE)), "\t", fixed = TRUE)
    sets <- lapply(lines[lengths(lines) > 2], function(line) list(name = line[1], genes = setdiff(line[-(1:2)], "")))
    setNames(lapply(sets, `[[`, "genes"), vapply(sets, `[[`, "", "name"))
  })
  setNames(collections, names)
}

# The call changed with GSVA 1.50 (parameter objects); the numbers did not.
gsva_scores <- function(expression, sets) {
  if (packageVersion("GSVA") >= "1.50") {
    GSVA::gsva(GSVA::gsvaParam(expression, sets, kcdf = "Gaussian"), verbose = FALSE)
  } else {
    GSVA::gsva(expression, sets, method = "gsva", kcdf = "Gaussian", parallel.sz = 1L, verbose = FALSE)
  }
}

ssgsea_scores <- function(expression, sets) {
  if (packageVersion("GSVA") >= "1.50") {
    GSVA::gsva(GSVA::ssgseaParam(expression, sets, alpha = 0.25, normalize = FALSE), verbose = FALSE)
  } else {
    GSVA::gsva(expression, sets, method = "ssgsea", tau = 0.25, ssgsea.norm = FALSE, parallel.sz = 1L, verbose = FALSE)
  }
}

# Pathways x samples; no rows, and a note, when no set fits.
score_collection <- function(name, sets, expression, options) {
  sets <- lapply(sets, intersect, rownames(expression))
  fits <- lengths(sets) >= number_option(options, "min-size") & lengths(sets) <= number_option(options, "max-size")
  sets <- sets[fits]
  empty <- matrix(0, 0, ncol(expression), dimnames = list(character(), colnames(expression)))
  if (!length(sets)) {
    cat("NOTE: ", name, ": no set has ", options[["min-size"]], " to ", options[["max-size"]],
        " genes here; it gets no scores.\n", sep = "")
    return(empty)
  }
  if (options$scorer == "gsva" && ncol(expression) < 2) {
    cat("NOTE: ", name, ": GSVA compares samples, and there is one; it gets no scores.\n", sep = "")
    return(empty)
  }
  score <- if (options$scorer == "gsva") gsva_scores else ssgsea_scores
  utils::capture.output(scores <- suppressWarnings(score(expression, sets)))
  scores[names(sets), colnames(expression), drop = FALSE]
}

stage <- function() {
  options <- read_options(
    c("expression", "gene-sets", "symbols", "scorer", "min-size", "max-size", "output"),
    list(universe = NA, `expressed-above` = "1", `in-fraction` = "0.2")
  )
  if (!options$scorer %in% names(recipes)) {
    problem("--scorer: '", options$scorer, "' is not one of ", paste(names(recipes), collapse = ", "), ".")
  }
  collections <- read_collections(options[["gene-sets"]])
  mission <- join_studies(split_list(options$expression))
  samples <- colnames(mission$expression)
  expression <- mission$expression[choose_genes(mission, options), , drop = FALSE]
  if (options$scorer == "gsva") {  # GSVA drops these too; here, so that set sizes are counted without them
    spread <- apply(expression, 1, sd)
    expression <- expression[!is.na(spread) & spread >= 1e-10 | ncol(expression) < 2, , drop = FALSE]
  }
  expression <- with_symbols(expression, options$symbols)

  store <- create_store(options$output)
  write_dataset(store, "samples", samples)
  for (name in names(collections)) {
    scores <- score_collection(name, collections[[name]], expression, options)
    write_group(store, name)
    write_dataset(store, paste0(name, "/pathways"), rownames(scores))
    write_dataset(store, paste0(name, "/scores"), unname(scores))
    cat(name, ":", nrow(scores), "pathways,", ncol(scores), "samples\n")
  }
  write_attributes(store, list(
    recipe = recipes[[options$scorer]], scorer = options$scorer, R = r_version(), GSVA = version_of("GSVA")
  ))
  rhdf5::H5Fclose(store)
}

run_stage(stage)
