#!/bin/bash
# Scales one rendered frame down: previews/preview.NNNN.png.
#
#   preview.sh OUT_DIR FRAME
set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: $0 OUT_DIR FRAME" >&2
    exit 2
fi

number=$(printf '%04d' "$2")
cd "$1"
mkdir -p previews

part=previews/.part.$HOSTNAME.$$.png
trap 'rm -f "$part"' EXIT

ffmpeg -nostdin -loglevel error -y -i "frames/frame.$number.png" -vf scale=160:90:flags=lanczos -frames:v 1 -update 1 "$part"
mv -f "$part" "previews/preview.$number.png"
echo "previews/preview.$number.png written"
