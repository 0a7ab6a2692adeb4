# shellcheck shell=bash
# scratch_folder: prints a new folder for a build, in memory where 6 GB are free there, else below .tools; sourced
scratch_folder() {
  local parent=$TOOLS/images
  if (($(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1 || echo 0) > 6000000)); then parent=/dev/shm; fi
  mktemp -d -p "$parent" spacebio-bench.XXXXXX
}
