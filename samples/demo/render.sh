#!/bin/bash
# Renders frames of the demo's animation with POV-Ray: frames/frame.NNNN.png.
#
#   render.sh OUT_DIR FRAMES LENGTH
#
# FRAMES is one chunk, as cuebot writes it for #FRAMESPEC#: "5-8", "1,3,5", "1-9x2". LENGTH is the number of frames
# after which the animation begins anew. Rendering a frame again replaces its picture.
set -euo pipefail

if [ $# -ne 3 ]; then
    echo "usage: $0 OUT_DIR FRAMES LENGTH" >&2
    exit 2
fi

out=$1 frames=$2 length=$3
scene=$(cd "$(dirname "$0")" && pwd)/scene.pov

# "1,5-9x2" to "1 5 7 9"
expand() {
    local part
    for part in ${1//,/ }; do
        if [[ $part =~ ^([0-9]+)$ ]]; then
            echo "$part"
        elif [[ $part =~ ^([0-9]+)-([0-9]+)(x(-?[1-9][0-9]*))?$ ]]; then
            seq "${BASH_REMATCH[1]}" "${BASH_REMATCH[4]:-1}" "${BASH_REMATCH[2]}"
        else
            echo "$0: '$part' in the frames '$frames' is neither a frame nor a range such as 1-9 or 1-9x2" >&2
            return 1
        fi
    done
}

list=$(expand "$frames")
mkdir -p "$out/frames"
cd "$out/frames"

# The picture gets its name when it is complete, so that nobody sees half of one, whenever this ends. Hosts share the
# directory: a process id alone would not be unique in it.
part=.part.$HOSTNAME.$$.png
trap 'rm -f "$part" "${part%.png}.pov-state"' EXIT

for frame in $list; do
    name=$(printf 'frame.%04d.png' "$frame")
    clock=$(awk -v frame="$frame" -v length_="$length" 'BEGIN { printf "%.6f", (frame - 1) % length_ / length_ }')
    started=$(date +%s.%N)
    # POV-Ray has much to say, which is of interest only when it failed. It splits file names at blanks; hence the stdin.
    if ! said=$(povray +I/dev/stdin +O"$part" +FN8 +W640 +H360 +A0.1 +AM2 +R2 +K"$clock" +WT"${CUE_THREADS:-1}" -D -V <"$scene" 2>&1); then
        echo "$said" >&2
        echo "$0: POV-Ray failed on frame $frame" >&2
        exit 1
    fi

    mv -f "$part" "$name"
    awk -v name="$name" -v from="$started" -v to="$(date +%s.%N)" 'BEGIN { printf "%s rendered in %.1f s\n", name, to - from }'
done
