include { benchmarkStudies } from '../correct_batches/main.nf'

// Flight against ground, gene by gene, in each mission of a tissue; the protocol says which conditions these are.
process DIFFERENTIAL_EXPRESSION {
    tag "${tissue}"
    label 'r_preprocess'
    label 'r_image'

    input:
    tuple val(tissue), val(missions), path(expression, arity: '1..*'), path(samples, arity: '1..*', stageAs: 'study?/*')
    val conditions

    output:
    tuple val(tissue), path('*.differential.h5', arity: '1..*'), emit: differential
    tuple val("${task.process}"), val('limma'), eval('tool_version.sh R limma'), topic: versions
    tuple val("${task.process}"), val('edgeR'), eval('tool_version.sh R edgeR'), topic: versions

    script:
    def studies = [missions, expression, samples].transpose().groupBy { mission, _file, _table -> mission }
    def runs = studies.collect { mission, own ->
        def files = own.collect { row -> row[1] }.join(',')
        def tables = own.collect { row -> row[2] }.join(',')
        "--tissue '${tissue}' --mission '${mission}' --expression ${files} --samples ${tables} ${conditions}" +
            " --output ${tissue}.${mission}.differential.h5"
    }
    """
    differential_expression.R ${runs.join(' --next \\\n        ')}
    """

    stub:
    """
    touch ${missions.unique(false).collect { mission -> "${tissue}.${mission}.differential.h5" }.join(' ')}
    """
}

// The studies of a tissue that are no hold-outs: missions, normalised files, samples tables.
def contrastsOf(tissue, files, studies) {
    def known = benchmarkStudies(tissue, files, studies)
    return [tissue, known*.mission, known*.file, known*.samples]
}

// The label rule of the protocol as options.
def conditionsOf(protocolFile) {
    def labels = new groovy.yaml.YamlSlurper().parse(protocolFile).labels
    return "--positive '${labels.positive.join(',')}' --negative '${labels.negative.join(',')}'"
}
