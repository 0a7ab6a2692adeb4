#!/usr/bin/env bash
# images.sh [--only NAME,...] [--kind sif|docker] [OUT]: builds the container images, and does nothing for those up to date
#
# OUT/<name>.sif where Apptainer is there or can be installed, Docker tags spacebio-bench/<name>:<version> where an engine
# answers. --kind wants one of both, and fails without it. OUT is the project's images/ unless given.
# BASE_BOOKWORM and BASE_TRIXIE name the Debian to build on: an image of a registry, a tar file, a folder or a SIF. Without
# them it is made from this machine's Debian mirror, and kept in .tools/images.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup/common.sh"
. "$ROOT/containers/scratch.sh"
say() { printf 'images: %s\n' "$*"; }

only=r-preprocess,python-models,python-tabnet kind= out=$ROOT/images
while (($#)); do
  case $1 in
    --only) only=${2:?--only needs NAME,...}; shift 2 ;;
    --kind) kind=${2:?--kind needs sif or docker}; shift 2 ;;
    -*) die "images.sh: $1 is no option; usage: images.sh [--only NAME,...] [--kind sif|docker] [OUT]" ;;
    *) out=$1; shift ;;
  esac
done
[[ $kind =~ ^(sif|docker)?$ ]] || die "images.sh: --kind $kind is neither sif nor docker"
mkdir -p "$TOOLS/images" "$TOOLS/log" "$out"
out=$(cd "$out" && pwd)
exec 7>"$TOOLS/images/lock"
flock 7
work=$(scratch_folder)
trap 'rm -rf --one-file-system "$work"' EXIT

apptainer=$VENV/bin/apptainer
python=$(find_python) || die "images.sh: no Python 3.11 or newer"
# what pip and curl of this machine are told is not for a build
clean=(env -u PIP_CERT -u PIP_FIND_LINKS -u PIP_INDEX_URL -u REQUESTS_CA_BUNDLE -u CURL_CA_BUNDLE -u SSL_CERT_FILE -u SSL_CERT_DIR)

labels_of() { PYTHONPATH=$ROOT/python/src PYTHONDONTWRITEBYTECODE=1 "$python" -m spacebio_bench.images "$1" "$2"; }
suite_of() { if [[ $1 == r-preprocess ]]; then echo trixie; else echo bookworm; fi; }

# context NAME: a folder with what the definitions name, and the labels of just these files
context() {
  local folder=$work/context-$1
  if [[ ! -d $folder ]]; then
    mkdir -p "$folder/python"
    cp -r "$ROOT/containers" "$folder/"
    cp -r "$ROOT"/python/{src,pyproject.toml,README.md} "$ROOT"/python/requirements*.lock "$folder/python/"
    find "$folder" -name __pycache__ -type d -prune -exec rm -rf {} +
    labels_of "$folder" "$1" >"$folder/labels"
  fi
  echo "$folder"
}

# base_of SUITE: what is named, or a tar file of our own
base_of() {
  local named=BASE_${1^^} tar=$TOOLS/images/base-$1.tar
  if [[ -n ${!named:-} ]]; then
    echo "${!named}"
  else
    [[ -s $tar && -z $(find "$tar" -mtime +30) ]] || quietly "$TOOLS/log/base-$1.log" "$ROOT/containers/base.sh" "$1" "$tar"
    echo "$tar"
  fi
}

# holds LABELS: does stdin ("KEY: VALUE" lines) hold all of them?
holds() {
  local there line
  there=$(cat)
  while IFS= read -r line; do
    grep -qxF "${line/=/: }" <<<"$there" || return 1
  done <"$1"
}

build_sif() {
  local name=$1 folder base from
  folder=$(context "$name")
  if [[ -s $out/$name.sif ]] && "$apptainer" inspect "$out/$name.sif" 2>/dev/null | holds "$folder/labels"; then
    say "$name.sif is up to date"
    return
  fi
  local began=$SECONDS run=(env "APPTAINER_TMPDIR=$work/tmp")
  base=$(base_of "$(suite_of "$name")")
  from=(--build-arg BOOTSTRAP=localimage)
  if [[ $base == *.tar ]]; then
    if [[ ! -d $work/root-$(suite_of "$name") ]]; then
      mkdir "$work/root-$(suite_of "$name")"
      tar -C "$work/root-$(suite_of "$name")" --exclude='./dev/*' -xf "$base"
    fi
    base=$work/root-$(suite_of "$name")
  elif [[ ! -e $base ]]; then
    from=(--build-arg BOOTSTRAP=docker)
    base=${base#docker://}
  fi
  mkdir -p "$work/tmp"
  if [[ $(id -u) == 0 ]]; then run=("$ROOT/containers/isolated.sh" "$work/tmp"); fi
  # under another name, then renamed: a killed build leaves no half image
  (
    cd "$folder"
    quietly "$TOOLS/log/image-$name.log" "${clean[@]}" "${run[@]}" "$apptainer" build --force "${from[@]}" --build-arg "BASE=$base" \
      --mksquashfs-args '-comp zstd -Xcompression-level 3' "$work/$name.sif" "containers/$name/apptainer.def"
  )
  cp "$work/$name.sif" "$out/.$name.sif.new"
  rm "$work/$name.sif"
  mv "$out/.$name.sif.new" "$out/$name.sif"
  say "$name.sif: $(($(stat -c %s "$out/$name.sif") / 1000000)) MB, $((SECONDS - began)) s"
}

build_docker() {
  local name=$1 folder tag base labels=() line began=$SECONDS
  folder=$(context "$name")
  tag=spacebio-bench/$name:$(sed -n 's/^org.opencontainers.image.version=//p' "$folder/labels")
  if docker image inspect --format '{{range $k, $v := .Config.Labels}}{{$k}}: {{$v}}{{"\n"}}{{end}}' "$tag" 2>/dev/null |
    holds "$folder/labels"; then
    say "Docker image $tag is up to date"
    return
  fi
  base=$(base_of "$(suite_of "$name")")
  if [[ $base == *.tar ]]; then
    line=spacebio-bench/base:$(suite_of "$name")-$(digest "$base" | cut -c 1-12)
    docker image inspect "$line" >/dev/null 2>&1 || docker import "$base" "$line" >/dev/null
    base=$line
  fi
  while IFS= read -r line; do labels+=(--label "$line"); done <"$folder/labels"
  quietly "$TOOLS/log/docker-$name.log" docker build --network host --build-arg "BASE=$base" "${labels[@]}" -t "$tag" \
    -f "$folder/containers/$name/Dockerfile" "$folder"
  say "Docker image $tag: $(($(docker image inspect --format '{{.Size}}' "$tag") / 1000000)) MB, $((SECONDS - began)) s"
}

kinds=()
if [[ $kind != docker ]]; then
  why=$("$ROOT/bin/setup/apptainer.sh" missing)
  if [[ -z $why && $(id -u) == 0 && $ROOT/ =~ ^(/var)?/tmp/ ]]; then   # containers/isolated.sh
    why="root's builds have a /tmp of their own and do not see this checkout below /tmp; move it elsewhere"
  fi
  if [[ -z $why ]]; then
    "$ROOT/bin/setup/apptainer.sh" install
    kinds+=(sif)
  elif [[ $kind == sif ]]; then die "$why"; else say "no SIF files: $why"; fi
fi
if [[ $kind != sif ]]; then
  if docker version >/dev/null 2>&1; then
    kinds+=(docker)
  elif [[ $kind == docker ]]; then
    die 'no Docker engine answers; eval "$(bin/setup/docker.sh up)" starts one'
  else say "no Docker images: no engine answers"; fi
fi
for name in ${only//,/ }; do
  [[ -f $ROOT/containers/$name/install.sh ]] || die "images.sh: there is no image $name"
  for each in "${kinds[@]}"; do "build_$each" "$name"; done
done
