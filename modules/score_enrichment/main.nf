// Normalised enrichment scores of the missions of a tissue; positive is up in flight.
process SCORE_ENRICHMENT {
    tag "${tissue}"
    label 'process_low'

    input:
    tuple val(tissue), path(differential, arity: '1..*')
    val sizes
    path gene_sets, arity: '1..*', stageAs: 'gene_sets/*'
    path symbols

    output:
    tuple val(tissue), path('*.enrichment.parquet', arity: '1..*'), emit: enrichment
    tuple val("${task.process}"), val('gseapy'), eval('tool_version.sh python gseapy'), topic: versions

    script:
    def collections = gene_sets.collect { file -> "${file.baseName}=${file}" }.join(',')
    def runs = differential.collect { file ->
        "--differential ${file} --gene-sets ${collections} --symbols ${symbols} ${sizes} --output ${enrichmentOf(file)}"
    }
    """
    score_enrichment.py ${runs.join(' --next \\\n        ')}
    """

    stub:
    """
    touch ${differential.collect { file -> enrichmentOf(file) }.join(' ')}
    """
}

def enrichmentOf(file) {
    return "${file.name - '.differential.h5'}.enrichment.parquet"
}

// Sizes of gene sets that the protocol scores, as options.
def setSizes(protocolFile) {
    def pathways = new groovy.yaml.YamlSlurper().parse(protocolFile).pathways
    return "--min-size ${pathways.min_size} --max-size ${pathways.max_size}"
}
