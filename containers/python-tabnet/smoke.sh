#!/usr/bin/env bash
# smoke.sh SCRATCH: what python-models does, and one small TabNet; runs inside the image, writing to SCRATCH only
set -euo pipefail
cd "${1:?a folder to write to}"
# a number without a name has no other home than this variable
if getent passwd "$(id -u)" >/dev/null; then unset HOME; fi
TMPDIR=$PWD python - <<'END'
import numpy as np
from spacebio_bench.models.tabnet import TabNet
x = np.random.default_rng(0).normal(size=(24, 10))
labels = (x[:20, :1] > 0).astype(int)
scores = TabNet(max_epochs=3).prepare(x[:20], x[20:], seed=1).score(labels)
assert scores.shape == (1, 4) and np.isfinite(scores).all()
END
/opt/tabnet/bin/python -c 'import torch, pytorch_tabnet.tab_model; print("torch", torch.__version__)'
echo smoke: ok
