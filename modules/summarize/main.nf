// What the units found, as the tables that people and programs read.
process SUMMARIZE {
    label 'process_medium'

    input:
    path grid
    path plan
    path stores, stageAs: 'cohorts/*'

    output:
    path 'results/*', emit: tables
    tuple val("${task.process}"), val('pandas'), eval('tool_version.sh python pandas'), topic: versions
    tuple val("${task.process}"), val('zarr'), eval('tool_version.sh python zarr'), topic: versions

    script:
    """
    spacebio-bench summarize --quiet --grid ${grid} --plan ${plan} --cohorts cohorts --outdir results
    """

    stub:
    """
    mkdir -p results/nulls.zarr
    touch results/{cells,folds,comparisons,pooled,costs,confounders,classes,confusion,gene_vs_pathway,batch,canaries}.csv
    touch results/{samples,duplicates,top_features,within_mission,calibration}.csv
    touch results/{cells,predictions}.parquet results/nulls.zarr/zarr.json
    """
}
