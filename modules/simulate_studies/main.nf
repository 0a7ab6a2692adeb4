// Two small tissues in the form of a user's input: one with a flight signature, one without.
process SIMULATE_STUDIES {
    label 'process_single'

    input:
    val seed

    output:
    path 'simulated', emit: folder
    tuple val("${task.process}"), val('spacebio-bench'), eval('tool_version.sh python spacebio-bench'), topic: versions

    script:
    """
    spacebio-bench simulate --quiet --seed ${seed} --outdir simulated
    """

    stub:
    """
    mkdir simulated
    touch simulated/studies.csv simulated/symbols.csv simulated/hallmark.gmt
    """
}

// The simulated files stand in for the parameters that the user has not set.
def simulatedParameters(folder, given) {
    def sets = folder.listFiles().findAll { file -> file.name.endsWith('.gmt') }.sort { file -> file.name }
    def simulated = [gene_sets: sets.collect { file -> "${file.baseName}=${file}" }.join(','), symbols: "${folder}/symbols.csv"]
    return given + simulated.findAll { name, _value -> given[name] == null } + [input: "${folder}/studies.csv"]
}
