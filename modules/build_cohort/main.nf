// All studies of one tissue as one AnnData-on-Zarr store.
process BUILD_COHORT {
    tag "${tissue}"
    label 'process_low'

    input:
    tuple val(tissue), path(expression, arity: '0..*', stageAs: 'expression/*'), path(pathways, arity: '0..*', stageAs: 'pathways/*'), path(corrected, arity: '0..*', stageAs: 'corrected/*'), path(enrichment, arity: '0..*', stageAs: 'enrichment/*')
    path archive
    path protocol

    output:
    path "cohorts/${tissue}.zarr", emit: store
    tuple val("${task.process}"), val('anndata'), eval('tool_version.sh python anndata'), topic: versions

    script:
    def values = expression ? "--expression ${expression.join(' --expression ')}" : ''
    def scores = pathways ? "--pathways ${pathways.join(' --pathways ')}" : ''
    def batches = corrected ? "--corrected ${corrected.join(' --corrected ')}" : ''
    def nes = enrichment ? '--enrichment enrichment' : ''
    """
    tar -xf ${archive}
    spacebio-bench build --checked checked ${values} ${scores} ${batches} ${nes} --protocol ${protocol} \\
        --tissue ${tissue} --output cohorts/${tissue}.zarr
    """

    stub:
    """
    mkdir -p cohorts/${tissue}.zarr
    touch cohorts/${tissue}.zarr/zarr.json
    """
}

// What there is of a tissue, in an order that does not depend on which task was done first.
def partsOf(tissue, files) {
    def known = files.collectMany { several -> several }.sort { file -> file.name }
    def scores = known.findAll { file -> file.name.endsWith('.pathways.h5') }
    def corrected = known.findAll { file -> file.name.endsWith('.corrected.h5') }
    def enrichment = known.findAll { file -> file.name.endsWith('.enrichment.parquet') }
    return [tissue, known - scores - corrected - enrichment, scores, corrected, enrichment]
}
