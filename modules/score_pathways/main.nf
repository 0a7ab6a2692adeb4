include { batches } from '../normalize_counts/main.nf'

// Gene-set scores of the samples of a mission, or of several small ones; the protocol names the scorer, and with it the
// program.
process SCORE_PATHWAYS {
    tag "${tissue} ${missions*.mission.join(' ')}"
    label 'r_preprocess'
    label 'r_image'
    ext needs: { rule.scorer == 'gseapy_ssgsea' ? params.models_image : null }   // one of the scorers is a Python program

    input:
    tuple val(tissue), val(missions), path(expression, arity: '1..*'), path(universe)
    val rule
    path gene_sets, arity: '1..*', stageAs: 'gene_sets/*'
    path symbols

    output:
    tuple val(tissue), path('*.pathways.h5', arity: '1..*'), emit: scores
    tuple val("${task.process}"), val(rule.scorer), eval("tool_version.sh ${rule.scorer == 'gseapy_ssgsea' ? 'python gseapy' : 'R GSVA'}"), topic: versions

    script:
    def program = rule.scorer == 'gseapy_ssgsea' ? 'score_pathways_gseapy.py' : 'score_pathways.R'
    def collections = gene_sets.collect { file -> "${file.baseName}=${file}" }.join(',')
    def common = "--gene-sets ${collections} --symbols ${symbols} ${rule.options} ${rule.universe ? "--universe ${universe}" : ''}"
    def runs = missions.collect { one ->
        "--expression ${one.files.join(',')} ${common} --output ${tissue}.${one.mission}.pathways.h5"
    }
    """
    ${program} ${runs.join(' --next \\\n        ')}
    """

    stub:
    """
    touch ${missions.collect { one -> "${tissue}.${one.mission}.pathways.h5" }.join(' ')}
    """
}

// Missions of a tissue with the files of their studies, in the order of the sheet; studies of one mission stay together.
def missionBatches(tissue, files, studies) {
    def normalised = files.collectMany { several -> several }.collectEntries { file -> [file.baseName, file] }
    def known = studies.findAll { study -> study.tissue == tissue && normalised[study.id] }
    def missions = known
        .groupBy { study -> study.mission }
        .collect { mission, ofMission -> [mission: mission, files: ofMission.collect { study -> normalised[study.id] }] }
    return batches(missions) { one -> one.files.sum { file -> file.size() } }.collect { batch ->
        def named = batch.collect { one -> [mission: one.mission, files: one.files.collect { file -> file.name }] }
        [tissue, named, batch.collectMany { one -> one.files }, known[0].universe]
    }
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
