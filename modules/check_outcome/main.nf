// Last of all: the run has failed when cells have. Everything is in the results folder by then, for people to read.
process CHECK_OUTCOME {
    input:
    path outcome
    path page
    path versions
    val folder

    exec:
    judge(task.workDir.resolve(outcome), folder)

    stub:
    """
    true
    """
}

def judge(outcome_file, folder) {
    def outcome = new groovy.json.JsonSlurper().parse(outcome_file)
    if (outcome.exit_code == 0) {
        return
    }
    def counts = outcome.cells_by_status.findAll { status, n -> n && !(status in ['ok', 'not_applicable']) }
    def causes = outcome.causes ? " Causes: ${outcome.causes.join('; ')}." : ''
    error("Some cells have no result (${counts.collect { status, n -> "${n} ${status}" }.join(', ')}).${causes} " +
        "Tables and report are in ${folder}; a second run with the same --outdir tries only what is missing.")
}

// process, tool, version of every task, as one table
def toolVersions(rows) {
    return rows
        .map { row -> row.join('\t') }
        .unique()
        .collectFile(name: 'versions.tsv', storeDir: "${params.outdir}/pipeline_info", newLine: true, sort: true,
            seed: 'process\ttool\tversion')
}
