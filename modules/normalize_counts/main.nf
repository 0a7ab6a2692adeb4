// Raw counts of one study to log2 normalised counts and QC columns.
process NORMALIZE_COUNTS {
    tag "${study.id}"
    label 'r_preprocess'

    input:
    tuple val(study), path(counts), path(samples)

    output:
    tuple val(study), path("${study.id}.h5"), emit: expression
    tuple val("${task.process}"), val('DESeq2'), eval('tool_version.sh R DESeq2'), topic: versions

    script:
    """
    normalize_counts.R --counts ${counts} --samples ${samples} --output ${study.id}.h5
    """

    stub:
    """
    touch ${study.id}.h5
    """
}
