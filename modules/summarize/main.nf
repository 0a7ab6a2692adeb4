// What the units found, as the tables that people and programs read.
process SUMMARIZE {
    label 'process_medium'

    input:
    path grid
    path plan
    path enrichment, arity: '0..*', stageAs: 'enrichment/*'
    val options

    output:
    path 'results/*', emit: tables
    tuple val("${task.process}"), val('pandas'), eval('tool_version.sh python pandas'), topic: versions
    tuple val("${task.process}"), val('zarr'), eval('tool_version.sh python zarr'), topic: versions

    script:
    """
    mkdir -p enrichment
    spacebio-bench summarize --quiet --grid ${grid} --plan ${plan} ${options} --outdir results
    """

    stub:
    """
    mkdir -p results/nulls.zarr
    touch results/{cells,folds,comparisons,pooled,costs}.csv results/{cells,predictions}.parquet results/nulls.zarr/zarr.json
    """
}

// Where the scores of `conservation` are, when they were asked for: a folder, empty where no study has counts.
def enrichmentOptions(asked) {
    return asked ? '--enrichment enrichment' : ''
}
