// Last of all: the run has failed when cells have. Everything is in the results folder by then, for people to read.
process CHECK_OUTCOME {
    label 'host'
    errorStrategy 'finish'   // what is under way is published to its end

    input:
    val outcome
    val page
    val versions
    val folder

    exec:
    judge(outcome, folder)

    stub:
    """
    true
    """
}

def judge(outcomeFile, folder) {
    def outcome = new groovy.json.JsonSlurper().parse(outcomeFile)
    if (outcome.exit_code == 0) {
        return
    }
    def counts = outcome.cells_by_status
        .findAll { status, n -> n && !(status in ['ok', 'not_applicable']) }
        .collect { status, n -> "${n} ${status}" }
    def causes = outcome.causes.take(5).collect { cause -> "\n  ${cause.cell}: ${cause.status}: ${cause.reason}" }
    def others = outcome.causes.size() > 5 ? "\n  and ${outcome.causes.size() - 5} more in ${folder}/outcome.json" : ''
    error("${counts.join(', ')} of ${outcome.cells_by_status.values().sum()} cells.${causes.join('')}${others}\n" +
        "  Tables and report are in ${folder}. A second run with the same --outdir computes only what is missing.\n ")
}

// process, tool, version of every task, as one table
def toolVersions(rows) {
    return rows
        .map { task_name, tool, version -> [task_name.tokenize(':')[-1], tool, version].join('\t') }
        .unique()
        .collectFile(name: 'versions.tsv', storeDir: "${params.outdir}/pipeline_info", newLine: true, sort: true,
            seed: 'process\ttool\tversion')
}
