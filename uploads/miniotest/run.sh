#!/usr/bin/env bash
# Builds the real MinIO server from the Go module proxy (test use only, never linked),
# starts it on a loopback port, and runs the tests of uploads against it.
#   usage: uploads/miniotest/run.sh [go test arguments]
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
tools="${MITRA_TOOLS:-$HOME/.cache/mitra-tools}"
version="$(sed -n 's|.*github.com/minio/minio v\([^ ]*\).*|\1|p' "$here/go.mod" | head -1)"
server="$tools/minio-$version"
mkdir -p "$tools"
if [ ! -x "$server" ]; then
	echo "building MinIO $version" >&2
	(cd "$here" && go build -trimpath -ldflags "-s -w" -o "$server.new" github.com/minio/minio)
	mv "$server.new" "$server"
fi

work="$(mktemp -d)"
pid=""
finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT INT TERM

export MITRA_TEST_S3_ACCESS_KEY=mitra-test MITRA_TEST_S3_SECRET_KEY="test-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
# ready says that the server answers, by the shell's own means.
ready() {
	( exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /minio/health/ready HTTP/1.0\r\n\r\n' >&3 && head -1 <&3 | grep -q ' 200' ) 2>/dev/null
}

started=""
for attempt in 1 2 3 4 5; do
	port=$((20000 + $(od -An -N2 -tu2 /dev/urandom | tr -d ' ') % 20000))
	CI=true MINIO_ROOT_USER="$MITRA_TEST_S3_ACCESS_KEY" MINIO_ROOT_PASSWORD="$MITRA_TEST_S3_SECRET_KEY" MINIO_BROWSER=off \
		"$server" server --quiet --address "127.0.0.1:$port" "$work/data" >"$work/log" 2>&1 &
	pid=$!
	waited=0
	while [ $waited -lt 150 ] && kill -0 "$pid" 2>/dev/null; do
		if ready; then
			started=yes
			break 2
		fi
		waited=$((waited + 1))
		sleep 0.2
	done
	kill "$pid" 2>/dev/null || true
	echo "attempt $attempt: MinIO did not start on port $port" >&2
	tail -5 "$work/log" >&2
done
[ -n "$started" ]

export MITRA_TEST_S3_ENDPOINT="127.0.0.1:$port"
cd "$here/../.."
go test -count=1 "$@" ./uploads/...
