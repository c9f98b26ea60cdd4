#!/bin/bash
# Generates Python stubs of proto/ with Debian's packages, for tests that speak to us as a foreign client does.
#
#   tests/python/stubs.sh OUT_DIR
#
# OUT_DIR is created if need be; put it on PYTHONPATH and "import job_pb2, job_pb2_grpc", "from opencue.v1 import admin_pb2".
set -euo pipefail

# The system's Python: the packages are Debian's, and another python3 on PATH would not see them.
python=/usr/bin/python3
proto=$(cd "$(dirname "$0")/../../proto" && pwd)

if [ $# -ne 1 ]; then
    echo "usage: $0 OUT_DIR" >&2
    exit 2
fi

if ! "$python" -c 'import grpc, grpc_tools.protoc' 2>/dev/null; then
    echo "$0: $python has no grpcio or no grpcio-tools; install them with" >&2
    echo "    apt-get install python3-grpcio python3-grpc-tools" >&2
    exit 3
fi

mkdir -p "$1"
"$python" -m grpc_tools.protoc -I "$proto" --python_out="$1" --grpc_python_out="$1" "$proto"/*.proto "$proto"/opencue/*/*.proto
