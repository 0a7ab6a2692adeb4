#!/usr/bin/env bash
# checks.sh: what tests compare with and look at pages in: R's pROC and metafor, Chromium
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_debian checks 'what tests compare with and look at pages in'
