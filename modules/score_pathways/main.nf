// Gene-set scores of the samples of one mission; the protocol names the scorer, and with it the program.
process SCORE_PATHWAYS {
    tag "${tissue}.${mission}"
    label 'r_preprocess'

    input:
    tuple val(tissue), val(mission), path(expression, arity: '1..*'), path(universe)
    val rule
    path gene_sets, arity: '1..*', stageAs: 'gene_sets/*'
    path symbols

    output:
    tuple val(tissue), path("${tissue}.${mission}.pathways.h5"), emit: scores
    tuple val("${task.process}"), val(rule.scorer), eval("tool_version.sh ${rule.scorer == 'gseapy_ssgsea' ? 'python gseapy' : 'R GSVA'}"), topic: versions

    script:
    def program = rule.scorer == 'gseapy_ssgsea' ? 'score_pathways_gseapy.py' : 'score_pathways.R'
    def collections = gene_sets.collect { file -> "${file.baseName}=${file}" }
    """
    ${program} --expression ${expression.join(',')} --gene-sets ${collections.join(',')} --symbols ${symbols} \\
        ${rule.options} ${rule.universe ? "--universe ${universe}" : ''} --output ${tissue}.${mission}.pathways.h5
    """

    stub:
    """
    touch ${tissue}.${mission}.pathways.h5
    """
}

// What the protocol says about scores and the genes they see: the ids common to all studies of the tissue, or a filter
// on expression in the mission.
def scoringRule(protocolFile) {
    def protocol = new groovy.yaml.YamlSlurper().parse(protocolFile)
    def options = ['scorer': protocol.pathways.scorer, 'min-size': protocol.pathways.min_size, 'max-size': protocol.pathways.max_size]
    if (protocol.genes.filter_on == 'tissue') {
        options += ['expressed-above': protocol.genes.expressed_above, 'in-fraction': protocol.genes.in_fraction]
    }
    return [
        scorer: protocol.pathways.scorer,
        options: options.collect { name, value -> "--${name} ${value}" }.join(' '),
        universe: protocol.genes.universe == 'common',
    ]
}
