#!/bin/sh
# tool_version.sh python|R PACKAGE: the version that a task sees, without loading the package
case $1 in
python) exec python3 -c 'import sys; from importlib.metadata import version; print(version(sys.argv[1]))' "$2" ;;
R) exec Rscript -e 'cat(as.character(packageVersion(commandArgs(TRUE))), "on R", as.character(getRversion()))' "$2" ;;
*) exit 2 ;;
esac
