#!/bin/bash
# Makes a movie (H.264) of the rendered frames 1 to LENGTH: demo.mp4.
#
#   encode.sh OUT_DIR LENGTH
set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: $0 OUT_DIR LENGTH" >&2
    exit 2
fi

length=$2
cd "$1"

# ffmpeg would end the movie at a gap and call that success. Frames that were eaten leave one.
for frame in $(seq 1 "$length"); do
    name=frames/frame.$(printf '%04d' "$frame").png
    if [ ! -s "$name" ]; then
        echo "$0: $PWD/$name is missing; retry frame $frame of the render layer" >&2
        exit 1
    fi
done

part=.part.$HOSTNAME.$$.mp4
trap 'rm -f "$part"' EXIT

ffmpeg -nostdin -loglevel warning -y -framerate 24 -start_number 1 -i frames/frame.%04d.png -frames:v "$length" \
    -c:v libx264 -preset medium -crf 18 -pix_fmt yuv420p -threads "${CUE_THREADS:-1}" -movflags +faststart "$part"
mv -f "$part" demo.mp4
echo "demo.mp4 written, $length frames, $(stat -c %s demo.mp4) bytes"
