#!/bin/bash
# Decodes the movie again and compares it with the rendered frames: every frame must be there and look like its original.
# The result is in check.txt.
#
#   check.sh OUT_DIR LENGTH [LEAST_SSIM]
#
# SSIM is 1 for equal pictures. Below LEAST_SSIM (0.95), for the movie or for its worst frame, the check fails.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: $0 OUT_DIR LENGTH [LEAST_SSIM]" >&2
    exit 2
fi

length=$2 least=${3:-0.95}
cd "$1"

# An older verdict is about another movie.
rm -f check.txt

# ssim repeats the last frame of a movie that is too short, so it can't be the one to count.
decoded=$(ffprobe -loglevel error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0 demo.mp4)

# One line for each frame: n:1 Y:0.98 U:0.99 V:0.99 All:0.985 (18.2)
ssim=.part.$HOSTNAME.$$.ssim
part=.part.$HOSTNAME.$$.txt
trap 'rm -f "$ssim" "$part"' EXIT

ffmpeg -nostdin -loglevel error -i demo.mp4 -framerate 24 -start_number 1 -i frames/frame.%04d.png \
    -lavfi "[0:v]format=yuv420p[movie];[1:v]format=yuv420p[frames];[movie][frames]ssim=stats_file=$ssim" -f null -

awk -v length_="$length" -v decoded="$decoded" -v least="$least" '
    match($0, /All:[0-9.]+/) {
        value = substr($0, RSTART + 4, RLENGTH - 4) + 0
        sum += value
        if (count++ == 0 || value < worst) { worst = value; where = count }
    }
    END {
        if (decoded != length_ || count != length_) {
            printf "FAILED: %d frames decoded and %d compared, %d expected\n", decoded, count, length_
            exit 1
        }

        verdict = worst < least ? "FAILED" : "PASSED"
        printf "%s: %d frames, mean SSIM %.4f, worst %.4f (frame %d), at least %.4f wanted\n",
            verdict, count, sum / count, worst, where, least
        exit verdict == "FAILED"
    }' "$ssim" >"$part" && result=0 || result=$?

cat "$part"
mv -f "$part" check.txt
exit "$result"
