#!/usr/bin/env bash
# Builds the real kube-scheduler into the file that is named. Takes about four CPU minutes the first time, and Go 1.26.
set -euo pipefail
version=1.37.2
out=$(realpath -m "${1:?usage: build.sh OUTPUT}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/main.go" "$work/"
cd "$work"
# Kubernetes names its own parts by v0.0.0 and replaces them by folders of its repository; here they come as modules.
cat > go.mod <<MOD
module berth.example/kube-scheduler

go 1.26.0

godebug default=go1.26

require k8s.io/kubernetes v$version
MOD
source=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
sed -n 's#^\t\(k8s.io/[a-z0-9-]*\) => ./staging/.*#replace \1 => \1 v0.'"${version#1.}"'#p' "$source/go.mod" >> go.mod
go mod tidy
go build -trimpath -o "$out" .
echo "kube-scheduler v$version: $out"
