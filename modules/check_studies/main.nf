// Everything that can be wrong with input and parameters, found before any job; and the input in one plain form.
// It reads the files where the user has them, so it runs on the host and is never cached: it is cheap, and nothing
// else would notice changed counts. What follows is cached by content.
process CHECK_STUDIES {
    label 'process_single'
    label 'host'
    cache false

    input:
    val given
    val launch_folder
    val project

    output:
    path 'checked', emit: folder, optional: true
    path 'checked.tar', emit: archive, optional: true
    path 'checked/protocol.yaml', emit: protocol, optional: true
    path 'checked/symbols.csv', emit: symbols, optional: true
    path 'checked/gene_sets/*.gmt', emit: gene_sets, optional: true, arity: '0..*'
    tuple env('STATUS'), path('messages.txt'), emit: verdict
    tuple val("${task.process}"), val('spacebio-bench'), eval('tool_version.sh python spacebio-bench'), topic: versions

    script:
    """
    cat >parameters.json <<'END_OF_PARAMETERS'
    ${groovy.json.JsonOutput.toJson(given)}
    END_OF_PARAMETERS

    TASK=\$PWD STATUS=0
    cd '${launch_folder}'   # where the user's relative paths begin
    spacebio-bench check --params "\$TASK/parameters.json" --outdir "\$TASK/checked" --root '${project}' \\
        >"\$TASK/summary.txt" 2>"\$TASK/messages.txt" || STATUS=\$?
    case \$STATUS in
    0) export_protocol.py --parameters "\$TASK/checked/parameters.json" --output "\$TASK/checked/protocol.yaml" ;;
    2) ;;
    *) cat "\$TASK/messages.txt" >&2; exit "\$STATUS" ;;
    esac
    cd "\$TASK"
    if [ -d checked ]; then
        grep -v '^The checked studies' summary.txt >messages.txt   # that folder is Nextflow's
        # one file, the same bytes for the same studies
        tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --exclude=parameters.json -cf checked.tar checked
    fi
    """

    stub:
    """
    STATUS=0
    mkdir -p checked/{gene_sets,universe,studies/eye.M1.S1,studies/eye.M2.S2}
    touch checked/symbols.csv checked/universe/eye.txt checked/gene_sets/{hallmark,kegg}.gmt checked.tar messages.txt
    touch checked/studies/eye.M{1.S1,2.S2}/{counts.csv.gz,samples.csv}
    echo '{labels: {positive: [FLT], negative: [GC]}, genes: {universe: common, filter_on: train}, pathways: {scorer: ssgsea, min_size: 15, max_size: 500}}' >checked/protocol.yaml
    cat >checked/studies.csv <<'END'
    id,tissue,mission,accession,role,counts,samples
    eye.M1.S1,eye,M1,S1,benchmark,studies/eye.M1.S1/counts.csv.gz,studies/eye.M1.S1/samples.csv
    eye.M2.S2,eye,M2,S2,benchmark,studies/eye.M2.S2/counts.csv.gz,studies/eye.M2.S2/samples.csv
    END
    """
}

// The parameters with the tasks that are asked by default: of the published benchmark (no input) also those of its tissues
// with one mission and of its hold-out.
def askedOf(given) {
    return given + [tasks: given.tasks ?: (given.input || given.cohorts ? 'lomo' : 'lomo,kfold,holdout')]
}

// Ends the run where studies of the published benchmark are not on disk, before anything else is looked at or written.
def findStudies(given, project) {
    def verb = ['spacebio-bench', 'check', '--files', '--root', "${project}".toString(), '--params', '/dev/stdin']
    def process = null
    try {
        process = verb.execute()
    }
    catch (IOException _missing) {
        error('spacebio-bench is not on PATH: run `make setup` once, and `. .venv/bin/activate` in the project folder.')
    }
    process.withWriter { writer -> writer << groovy.json.JsonOutput.toJson(given) }
    def problems = new StringBuilder()
    process.waitForProcessOutput(new StringBuilder(), problems)
    if (process.exitValue() != 0) {
        error(problems.toString().trim())
    }
}

// The checked studies of the tissues asked for.
def studiesOf(folder, tissues) {
    def wanted = tissues?.toString()?.tokenize(', ')
    return folder.resolve('studies.csv').splitCsv(header: true)
        .findAll { row -> !wanted || row.tissue in wanted }
        .collect { row ->
            [
                id: row.id,
                tissue: row.tissue,
                mission: row.mission,
                role: row.role,
                counts: row.counts ? folder.resolve(row.counts) : null,
                samples: folder.resolve(row.samples),
                universe: folder.resolve("universe/${row.tissue}.txt"),
            ]
        }
}

// Notes are shown; problems (exit code 2) are shown and end the run.
def tellUser(status, messages) {
    def text = messages.text.trim()
    if (status == '2') {
        error(text)
    }
    if (text) {
        log.info(text)
    }
}
