// Expression of a tissue without the differences between its missions, for `lomo.batch`.
process CORRECT_BATCHES {
    tag "${tissue}"
    label 'r_preprocess'
    label 'r_image'

    input:
    tuple val(tissue), val(missions), path(expression, arity: '1..*')

    output:
    tuple val(tissue), path("${tissue}.corrected.h5", arity: '1..*'), emit: corrected
    tuple val("${task.process}"), val('limma'), eval('tool_version.sh R limma'), topic: versions
    tuple val("${task.process}"), val('sva'), eval('tool_version.sh R sva'), topic: versions

    script:
    """
    correct_batches.R --expression ${expression.join(',')} --missions '${missions.join(',')}' --output ${tissue}.corrected.h5
    """

    stub:
    """
    touch ${tissue}.corrected.h5
    """
}

// The studies of a tissue that are no hold-outs, in the order of the sheet: their missions and normalised files.
def batchesOf(tissue, files, studies) {
    def known = benchmarkStudies(tissue, files, studies)
    return [tissue, known*.mission, known*.file]
}

def benchmarkStudies(tissue, files, studies) {
    def normalised = files.collectMany { several -> several }.collectEntries { file -> [file.baseName, file] }
    return studies
        .findAll { study -> study.tissue == tissue && study.role != 'holdout' && normalised[study.id] }
        .collect { study -> study + [file: normalised[study.id]] }
}
