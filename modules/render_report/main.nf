// The page people read, its figures, and the manifest of everything published.
process RENDER_REPORT {
    label 'process_low'

    input:
    path tables, stageAs: 'results/*'
    path outcome, stageAs: 'results/*'
    path plan
    path stores, stageAs: 'cohorts/*'
    path checked

    output:
    path 'report/report.html', emit: page
    path 'report/*', emit: files
    tuple val("${task.process}"), val('altair'), eval('tool_version.sh python altair'), topic: versions

    script:
    """
    spacebio-bench report --quiet --results results --cohorts cohorts --plan ${plan} --checked ${checked} --outdir report
    """

    stub:
    """
    mkdir -p report/figures
    touch report/report.html report/manifest.json report/figures/leaderboard.svg
    """
}
