// Raw counts of studies to log2 normalised counts and QC columns: a study at a time, or several small ones.
process NORMALIZE_COUNTS {
    tag "${studies.join(' ')}"
    label 'r_preprocess'
    label 'r_image'

    input:
    tuple val(tissue), val(studies), path(counts, arity: '1..*', stageAs: 'study?/*'), path(samples, arity: '1..*', stageAs: 'study?/*')

    output:
    tuple val(tissue), path('*.h5', arity: '1..*'), emit: expression
    tuple val("${task.process}"), val('DESeq2'), eval('tool_version.sh R DESeq2'), topic: versions

    script:
    def runs = [studies, counts, samples].transpose().collect { study, count_file, sample_file ->
        "--counts ${count_file} --samples ${sample_file} --output ${study}.h5"
    }
    """
    normalize_counts.R ${runs.join(' --next \\\n        ')}
    """

    stub:
    """
    touch ${studies.collect { study -> "${study}.h5" }.join(' ')}
    """
}

// Studies of a tissue whose counts are small go to one task: loading R's packages takes longer than they do.
def studyBatches(studies) {
    return studies
        .findAll { study -> study.counts }
        .groupBy { study -> study.tissue }
        .collectMany { tissue, inTissue ->
            batches(inTissue) { study -> study.counts.size() }.collect { batch -> [tissue, batch*.id, batch*.counts, batch*.samples] }
        }
}

// Neighbours in a list together until they have 2 MB.
def batches(items, size) {
    def limit = 2_000_000L
    return items.inject([]) { rows, item ->
        def row = rows ? rows[-1] : []
        def fits = row && row.sum(size) + size.call(item) <= limit
        fits ? rows[0..<-1] + [row + [item]] : rows + [[item]]
    }
}
