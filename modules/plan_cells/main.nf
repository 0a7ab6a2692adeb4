// Which cells there are, their folds and labelings; what cannot run, and why.
process PLAN_CELLS {
    label 'process_single'

    input:
    path stores, stageAs: 'cohorts/*'
    val content
    path protocol, stageAs: 'checked.yaml'
    val choices

    output:
    path 'plan', emit: plan, optional: true
    path 'cohorts/*.zarr', emit: stores, includeInputs: true
    path 'protocol.yaml', emit: protocol, optional: true
    tuple env('STATUS'), path('messages.txt'), emit: verdict
    tuple val("${task.process}"), val('spacebio-bench'), eval('tool_version.sh python spacebio-bench'), topic: versions

    script:
    """
    # stores with content ${content}
    STATUS=0
    spacebio-bench plan --cohorts cohorts --protocol ${protocol} ${choices} --outdir plan >messages.txt 2>&1 || STATUS=\$?
    case \$STATUS in
    0) cp plan/protocol.yaml protocol.yaml ;;   # with the budgets of this run
    2) rm -rf plan ;;
    *) cat messages.txt >&2; exit "\$STATUS" ;;
    esac
    """

    stub:
    """
    STATUS=0
    mkdir plan
    touch plan/plan.json protocol.yaml messages.txt
    """
}

// Nextflow knows a folder by its path and time alone; this sees a store that was changed inside.
def contentOf(stores) {
    def files = stores.collectMany { store ->
        def paths = []
        store.eachFileRecurse(groovy.io.FileType.FILES) { file ->
            paths += ["${store.name}/${store.relativize(file)} ${file.size()} ${file.lastModified()}"]
        }
        paths
    }
    return files.sort().join('\n').md5()
}
