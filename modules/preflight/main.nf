// Is everything there that the run needs? Tools, images, disks and the cluster, in seconds, before any job. Never cached:
// machines change.
process PREFLIGHT {
    label 'process_single'
    label 'host'
    cache false

    input:
    val given
    val profile
    val launch_folder
    val project

    output:
    tuple env('STATUS'), path('messages.txt'), emit: verdict
    tuple val("${task.process}"), val('spacebio-bench'), eval('tool_version.sh python spacebio-bench'), topic: versions

    script:
    """
    cat >parameters.json <<'END_OF_PARAMETERS'
    ${groovy.json.JsonOutput.toJson(given)}
    END_OF_PARAMETERS

    TASK=\$PWD STATUS=0
    cd '${launch_folder}'   # where the user's relative paths begin
    spacebio-bench preflight --quiet --profile ${profile} --params "\$TASK/parameters.json" --project '${project}' \\
        --work '${workflow.workDir}' --nextflow-version ${nextflow.version} >"\$TASK/messages.txt" 2>&1 || STATUS=\$?
    case \$STATUS in
    0) ;;
    2) STATUS=0; : >"\$TASK/messages.txt" ;;   # wrong parameters: CHECK_STUDIES tells them, with all else that is wrong
    4) STATUS=2 ;;
    *) cat "\$TASK/messages.txt" >&2; exit "\$STATUS" ;;
    esac
    """

    stub:
    """
    STATUS=0
    touch messages.txt
    """
}

// The machine among the profiles of the run: where stages and workers are.
def machineOf(profiles) {
    return profiles.tokenize(',').findAll { name -> name in ['docker', 'apptainer', 'slurm'] }.join(',') ?: 'local'
}
