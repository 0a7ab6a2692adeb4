# Values of R's pROC and metafor that the kernels are tested against.
#
#   Rscript tests/golden/kernels.R tests/golden
#
# writes delong_scores.csv, delong.csv, pooling_studies.csv and pooling.csv into the folder.
# Debian 12: r-cran-proc 1.18.0, r-cran-metafor 3.8-1. Numbers have 15 significant digits.

suppressPackageStartupMessages({
  library(pROC)
  library(metafor)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
number <- function(x) trimws(formatC(x, digits = 15, format = "g"))
write_table <- function(table, name) {
  write.csv(table, file.path(folder, name), row.names = FALSE, quote = FALSE, eol = "\n")
}
versions <- data.frame(
  r = as.character(getRversion()),
  pROC = as.character(packageVersion("pROC")),
  metafor = as.character(packageVersion("metafor"))
)

# Two scores for the same samples: class sizes far apart show which class divides which covariance.
set.seed(20260101)
two_scores <- function(case, m, n, shift_a, shift_b, digits) {
  label <- sample(rep(c(1, 0), c(m, n)))
  shared <- rnorm(m + n)
  data.frame(
    case = case,
    label = label,
    a = round(shared + rnorm(m + n) + shift_a * label, digits),
    b = round(shared + rnorm(m + n) + shift_b * label, digits)
  )
}
scores <- rbind(
  two_scores("continuous", 30, 25, 1.0, 0.4, 6),
  two_scores("few_positives", 4, 40, 1.0, 0.2, 6),
  two_scores("few_negatives", 40, 4, 0.8, 1.6, 6),
  two_scores("three_and_three", 3, 3, 0.0, 0.5, 6),
  two_scores("many_ties", 18, 12, 1.2, 0.6, 0),
  two_scores("one_is_perfect", 6, 7, 20.0, 0.5, 6),
  two_scores("below_a_half", 9, 14, -1.5, 0.3, 1),
  two_scores("large", 68, 35, 0.9, 0.7, 3)
)
scores_text <- scores
scores_text$a <- number(scores$a)
scores_text$b <- number(scores$b)
write_table(scores_text, "delong_scores.csv")

curve <- function(label, score) {
  roc(label, score, levels = c(0, 1), direction = "<", quiet = TRUE)
}
delong <- do.call(rbind, lapply(unique(scores$case), function(case) {
  part <- scores[scores$case == case, ]
  first <- curve(part$label, part$a)
  second <- curve(part$label, part$b)
  test <- suppressWarnings(roc.test(first, second, method = "delong", paired = TRUE))
  quiet <- function(x) suppressWarnings(x)  # a perfect curve has variance 0, and pROC says so
  data.frame(
    case = case,
    auroc_a = number(as.numeric(auc(first))),
    auroc_b = number(as.numeric(auc(second))),
    variance_a = number(quiet(var(first, method = "delong"))),
    variance_b = number(quiet(var(second, method = "delong"))),
    covariance = number(quiet(cov(first, second, method = "delong"))),
    z = number(unname(test$statistic)),
    p = number(test$p.value)
  )
}))
write_table(cbind(delong, versions[c("r", "pROC")]), "delong.csv")

studies <- rbind(
  data.frame(case = "alike", estimate = c(0.71, 0.74, 0.69, 0.73), variance = c(0.010, 0.020, 0.015, 0.008)),
  data.frame(case = "equal", estimate = c(0.6, 0.6, 0.6), variance = c(0.01, 0.03, 0.02)),
  data.frame(case = "different", estimate = c(0.95, 0.35, 0.80, 0.55, 0.99), variance = c(0.004, 0.02, 0.006, 0.015, 0.0005)),
  data.frame(case = "two", estimate = c(0.9, 0.6), variance = c(0.01, 0.005)),
  data.frame(case = "one_heavy", estimate = c(0.999, 0.5, 0.55), variance = c(1e-06, 0.02, 0.03)),
  data.frame(case = "below_zero", estimate = c(-1.2, 0.4, 0.1, 2.5, -0.3, 0.8), variance = c(0.3, 0.1, 0.05, 0.9, 0.2, 0.4))
)
pooled <- do.call(rbind, lapply(unique(studies$case), function(case) {
  part <- studies[studies$case == case, ]
  fit <- rma(yi = part$estimate, vi = part$variance, method = "DL")
  data.frame(
    case = case,
    estimate = number(as.numeric(fit$beta)),
    low = number(fit$ci.lb),
    high = number(fit$ci.ub),
    tau2 = number(fit$tau2),
    i2 = number(fit$I2 / 100),
    q = number(fit$QE),
    p_heterogeneity = number(fit$QEp)
  )
}))
studies$estimate <- number(studies$estimate)
studies$variance <- number(studies$variance)
write_table(studies, "pooling_studies.csv")
write_table(cbind(pooled, versions[c("r", "metafor")]), "pooling.csv")
