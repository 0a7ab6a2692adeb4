include { commandOptions } from '../parameters/main.nf'

// The grid. Never cached by Nextflow: the ledger keeps every finished unit, and only what it lacks is computed.
process RUN_CELLS {
    label 'grid'
    label 'ledger'
    cache false

    input:
    path plan
    path stores, stageAs: 'cohorts/*'
    val ledger
    val budget
    val nextflow_pid

    output:
    path 'grid', emit: grid
    path 'outcome.json', emit: outcome
    path 'environment.json', emit: environment
    tuple val("${task.process}"), val('dask'), eval('tool_version.sh python dask'), topic: versions
    tuple val("${task.process}"), val('scikit-learn'), eval('tool_version.sh python scikit-learn'), topic: versions

    script:
    // a job has the memory that it asked for; and only where we see Nextflow's process can we end with it
    def memory = task.executor == 'slurm' ? "--memory ${task.memory.toMega() - 512}" : ''
    def watch = task.executor != 'slurm' && workflow.containerEngine != 'docker' ? "--watch-pid ${nextflow_pid}" : ''
    def workers = task.executor == 'slurm' || workflow.containerEngine == 'docker' ? "--workers ${task.cpus}" : ''
    // tee outlives a signal, so that the run can end in an orderly way and say so; exit code 3: some cells are not ok
    """
    STATUS=0
    mkdir -p '${ledger}'
    spacebio-bench run --plan ${plan} --cohorts cohorts --ledger '${ledger}' --outdir grid ${budget} \\
        ${workers} ${memory} ${watch} 2> >(trap '' INT TERM; exec tee -a '${ledger}/progress.log' >&2) || STATUS=\$?
    [ \$STATUS -eq 0 ] || [ \$STATUS -eq 3 ] || exit \$STATUS
    cp grid/outcome.json grid/environment.json .
    """

    stub:
    """
    mkdir grid
    echo '{"exit_code": 0, "cells_by_status": {"ok": 1}, "causes": []}' >outcome.json
    echo '{}' >environment.json
    """
}

// Options of `spacebio-bench run` for the parameters that say how and where; images are for workers that are jobs.
def gridOptions(given) {
    def common = ['backend', 'workers', 'unit_timeout', 'worker_memory', 'dashboard']
    def of_jobs = ['images', 'models_image', 'binds', 'scratch', 'partition', 'account', 'sbatch_options', 'worker_cores',
        'walltime', 'scheduler_interface', 'worker_interface', 'worker_quorum', 'worker_deadline']
    def images = [images: given.images ?: "${projectDir}/images"]
    return given.backend == 'slurm' ? commandOptions(given + images, common + of_jobs) : commandOptions(given, common)
}

// The plan, once the ledger's folder is there: containers can only be shown what exists, and a run whose input is wrong
// leaves nothing.
def withFolder(plan, ledger) {
    ledger.mkdirs()
    return plan
}

// Nextflow shows what a task prints only when it ends; this shows the lines of a long run as they come.
def showProgress(ledger) {
    def progress = ledger.resolve('progress.log')
    def shown = progress.exists() ? progress.readLines().size() : 0
    def show = {
        def lines = progress.exists() ? progress.readLines() : []
        lines.drop(shown).each { line -> log.info(line) }
        shown = Math.max(shown, lines.size())
    }
    new Timer('progress', true).schedule(show as TimerTask, 500, 500)
}
