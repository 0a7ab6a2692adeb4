// Raw counts of several missions in, an honest leave-one-mission-out leaderboard out.
// Every parameter: nextflow_schema.json, or `nextflow run main.nf --help`.

include { commandOptions; parameterHelp; parametersOf } from './modules/parameters/main.nf'
include { holdResults } from './modules/run_lock/main.nf'
include { PREFLIGHT; machineOf } from './modules/preflight/main.nf'
include { SIMULATE_STUDIES; simulatedParameters } from './modules/simulate_studies/main.nf'
include { CHECK_STUDIES; askedOf; findStudies; studiesOf; tellUser } from './modules/check_studies/main.nf'
include { NORMALIZE_COUNTS; studyBatches } from './modules/normalize_counts/main.nf'
include { SCORE_PATHWAYS; missionBatches; scoringRule } from './modules/score_pathways/main.nf'
include { CORRECT_BATCHES; batchesOf } from './modules/correct_batches/main.nf'
include { DIFFERENTIAL_EXPRESSION; conditionsOf; contrastsOf } from './modules/differential_expression/main.nf'
include { SCORE_ENRICHMENT; setSizes } from './modules/score_enrichment/main.nf'
include { BUILD_COHORT; partsOf } from './modules/build_cohort/main.nf'
include { PLAN_CELLS; contentOf } from './modules/plan_cells/main.nf'
include { RUN_CELLS; gridOptions; showProgress; withFolder } from './modules/run_cells/main.nf'
include { SUMMARIZE } from './modules/summarize/main.nf'
include { RENDER_REPORT } from './modules/render_report/main.nf'
include { CHECK_OUTCOME; toolVersions } from './modules/check_outcome/main.nf'

workflow {
    if (params.help) {
        println(parameterHelp("${projectDir}/nextflow_schema.json"))
        return
    }

    asked = askedOf(parametersOf(params))
    if (!asked.input && !asked.cohorts && !workflow.stubRun) {
        findStudies(asked, projectDir)
    }
    holdResults(params.outdir)
    given = channel.value(asked)
    if (params.preflight) {
        PREFLIGHT(asked, machineOf(workflow.profile), workflow.launchDir, projectDir)
        given = PREFLIGHT.out.verdict.map { status, messages -> tellUser(status, messages) ?: asked }
    }
    if (asked.input == 'simulated') {
        SIMULATE_STUDIES(given.map { parameters -> parameters.seed })
        given = SIMULATE_STUDIES.out.folder.map { folder -> simulatedParameters(folder, asked) }
    }
    CHECK_STUDIES(given, workflow.launchDir, projectDir)
    CHECK_STUDIES.out.verdict.map { status, messages -> tellUser(status, messages) }
    protocol = CHECK_STUDIES.out.protocol
    corrected = channel.empty()
    enrichment = channel.empty()

    if (params.cohorts) {
        stores = channel.fromPath("${params.cohorts}/*.zarr", type: 'dir', checkIfExists: true)
    }
    else {
        studies = CHECK_STUDIES.out.folder.map { folder -> studiesOf(folder, params.tissues) }
        NORMALIZE_COUNTS(studies.flatMap { all -> studyBatches(all) })
        expression = NORMALIZE_COUNTS.out.expression

        tissues = expression.groupTuple().combine(studies.map { all -> [all] })
        missions = tissues.flatMap { tissue, files, all -> missionBatches(tissue, files, all) }
        rule = protocol.map { file -> scoringRule(file) }
        SCORE_PATHWAYS(missions, rule, CHECK_STUDIES.out.gene_sets, CHECK_STUDIES.out.symbols)

        if (wants(asked.tasks, 'lomo.batch')) {
            CORRECT_BATCHES(tissues.map { tissue, files, all -> batchesOf(tissue, files, all) }.filter { one -> one[1] })
            corrected = CORRECT_BATCHES.out.corrected
        }
        if (['conservation', 'cross_tissue', 'gene_vs_pathway'].any { name -> wants(asked.tasks, name) }) {
            contrasts = tissues.map { tissue, files, all -> contrastsOf(tissue, files, all) }.filter { one -> one[1] }
            DIFFERENTIAL_EXPRESSION(contrasts, protocol.map { file -> conditionsOf(file) })
            sizes = protocol.map { file -> setSizes(file) }
            SCORE_ENRICHMENT(DIFFERENTIAL_EXPRESSION.out.differential, sizes, CHECK_STUDIES.out.gene_sets, CHECK_STUDIES.out.symbols)
            enrichment = SCORE_ENRICHMENT.out.enrichment
        }

        parts = studies
            .flatMap { all -> all.collect { study -> [study.tissue, []] } }
            .mix(expression, SCORE_PATHWAYS.out.scores, corrected, enrichment)
            .groupTuple()
            .map { tissue, files -> partsOf(tissue, files) }
        BUILD_COHORT(parts, CHECK_STUDIES.out.archive, protocol)
        stores = BUILD_COHORT.out.store
    }
    cohorts = stores.toSortedList { a, b -> a.name <=> b.name }

    PLAN_CELLS(cohorts, cohorts.map { folders -> contentOf(folders) }, protocol, commandOptions(
        asked, ['tasks', 'tissues', 'features', 'models', 'strata', 'n_permutations', 'n_bootstraps', 'seed']))
    PLAN_CELLS.out.verdict.map { status, messages -> tellUser(status, messages) }
    plan = PLAN_CELLS.out.plan

    ledger = file(params.ledger ?: "${params.outdir}/.ledger")
    showProgress(ledger)
    RUN_CELLS(plan.map { folder -> withFolder(folder, ledger) }, cohorts, "${ledger}", gridOptions(params), ProcessHandle.current().pid())
    SUMMARIZE(RUN_CELLS.out.grid, plan, cohorts)
    RENDER_REPORT(SUMMARIZE.out.tables, RUN_CELLS.out.outcome, plan, cohorts, CHECK_STUDIES.out.folder)
    CHECK_OUTCOME(RUN_CELLS.out.outcome, RENDER_REPORT.out.page, toolVersions(channel.topic('versions')), params.outdir)

    workflow.onComplete = {
        if (workflow.success) {
            log.info("Report: ${params.outdir}/report.html")
        }
    }
}

// Whether a question is among the tasks asked.
def wants(tasks, name) {
    return tasks.toString().tokenize(', ').any { one -> one in [name, 'all'] }
}
