# What the R stages share: options, errors in one line, and HDF5 files that are the same bytes for the same content.

current <- new.env()  # options of the stage that runs

# `--name value` pairs as a list; `defaults` gives the optional ones, a NULL default means required.
read_options <- function(required, optional = list(), arguments = current$arguments) {
  if (any(arguments %in% c("-h", "--help"))) {
    cat("usage:", paste0("--", required, " VALUE"), paste0("[--", names(optional), " VALUE]"), "\n")
    quit(status = 0)
  }
  values <- optional
  i <- 1
  while (i <= length(arguments)) {
    name <- sub("^--", "", arguments[i])
    if (!startsWith(arguments[i], "--") || !name %in% c(required, names(optional))) {
      problem("'", arguments[i], "' is not an option; see --help.")
    }
    if (i == length(arguments)) problem("--", name, " needs a value.")
    values[[name]] <- arguments[i + 1]
    i <- i + 2
  }
  missing <- setdiff(required, names(values))
  if (length(missing)) problem("missing options: ", paste0("--", missing, collapse = ", "), ".")
  values
}

number_option <- function(options, name) {
  value <- suppressWarnings(as.numeric(options[[name]]))
  if (is.na(value)) problem("--", name, ": '", options[[name]], "' is not a number.")
  value
}

# A mistake in the input: said in one line, exit code 2.
problem <- function(...) {
  stop(structure(class = c("problem", "error", "condition"), list(message = paste0(...), call = NULL)))
}

# The stage once, or several times with `--next` between the options: small studies then share the loading of packages,
# which takes longer than they do.
run_stage <- function(stage) {
  given <- commandArgs(trailingOnly = TRUE)
  runs <- unname(split(given, factor(cumsum(given == "--next"))))
  failed <- function(error, status) {
    message("ERROR: ", gsub("[[:space:]]+", " ", conditionMessage(error)))
    quit(status = status)
  }
  again <- function() {
    for (run in if (length(runs)) runs else list(given)) {
      current$arguments <- run[run != "--next"]
      stage()
    }
  }
  tryCatch(again(), problem = function(e) failed(e, 2), error = function(e) failed(e, 1))
}

# A CSV (plain or gzip) with every column as text.
read_text_table <- function(path) {
  if (!file.exists(path)) problem(path, " does not exist.")
  lines <- readLines(path, encoding = "UTF-8", warn = FALSE)
  data.table::fread(
    text = paste0(c(lines, ""), collapse = "\n"), sep = ",", header = TRUE, colClasses = "character",
    na.strings = NULL, encoding = "UTF-8", data.table = FALSE, check.names = FALSE
  )
}

# What normalize_counts.R wrote of a study, as genes x samples.
read_study <- function(path) {
  if (!file.exists(path)) problem(path, " does not exist.")
  read <- function(name) {
    value <- tryCatch(rhdf5::h5read(path, name), error = function(e) NULL)
    if (is.null(value)) problem(path, ": no '", name, "'; a file of normalize_counts.R is needed.")
    value
  }
  names <- list(as.character(read("genes")), as.character(read("samples")))
  factors <- as.numeric(read("size_factors"))
  counts <- matrix(read("counts"), lengths(names)[1], lengths(names)[2], dimnames = names)
  list(
    expression = matrix(read("expression"), lengths(names)[1], lengths(names)[2], dimnames = names),
    counts = counts,
    normalised = sweep(counts, 2, factors, "/")
  )
}

# Studies side by side, on the genes that all of them have, in the order of the first; `study` is the number of each
# sample's study.
join_studies <- function(paths) {
  studies <- lapply(paths, read_study)
  genes <- Reduce(intersect, lapply(studies, function(study) rownames(study$expression)))
  together <- function(part) do.call(cbind, lapply(studies, function(study) study[[part]][genes, , drop = FALSE]))
  samples <- lapply(studies, function(study) colnames(study$expression))
  twice <- unlist(samples)[duplicated(unlist(samples))]
  if (length(twice)) problem("sample ", twice[1], " is in more than one study.")
  list(
    expression = together("expression"), counts = together("counts"), normalised = together("normalised"),
    study = rep(seq_along(paths), lengths(samples))
  )
}

split_list <- function(text) strsplit(text, ",", fixed = TRUE)[[1]]

create_store <- function(path) {
  if (file.exists(path)) file.remove(path)
  rhdf5::H5Fcreate(path)
}

# An R matrix of genes x samples is, to a row-major reader such as h5py, samples x genes: nothing is transposed here.
write_dataset <- function(store, name, value, type = NULL) {
  text <- is.character(value)
  if (is.null(type)) type <- if (text) "H5T_C_S1" else "H5T_IEEE_F64LE"
  kind <- rhdf5::H5Tcopy(type)
  if (text) {
    rhdf5::H5Tset_size(kind, max(1L, nchar(value, type = "bytes")))
    rhdf5::H5Tset_cset(kind, "UTF-8")
  }
  size <- if (is.null(dim(value))) length(value) else dim(value)
  space <- rhdf5::H5Screate_simple(size)
  creation <- rhdf5::H5Pcreate("H5P_DATASET_CREATE")
  rhdf5::H5Pset_obj_track_times(creation, FALSE)  # no time of writing in the file
  if (all(size > 0)) {
    rhdf5::H5Pset_chunk(creation, size)
    if (!text) rhdf5::H5Pset_shuffle(creation)
    rhdf5::H5Pset_deflate(creation, 4)
  }
  dataset <- rhdf5::H5Dcreate(store, name, kind, space, dcpl = creation)
  if (all(size > 0)) rhdf5::H5Dwrite(dataset, value)
  rhdf5::H5Dclose(dataset)
  rhdf5::H5Pclose(creation)
  rhdf5::H5Sclose(space)
}

write_group <- function(store, name) rhdf5::H5Gclose(rhdf5::H5Gcreate(store, name))

write_attributes <- function(store, values) {
  for (name in names(values)) {
    rhdf5::h5writeAttribute(values[[name]], store, name, encoding = "UTF-8", asScalar = TRUE)
  }
}

version_of <- function(package) as.character(utils::packageVersion(package))
r_version <- function() paste(R.version$major, R.version$minor, sep = ".")
