#!/bin/bash
# Puts all previews on one sheet, eight in a row: contact-sheet.png.
#
#   contact-sheet.sh OUT_DIR
set -euo pipefail
shopt -s nullglob

if [ $# -ne 1 ]; then
    echo "usage: $0 OUT_DIR" >&2
    exit 2
fi

cd "$1"
previews=(previews/preview.*.png)
count=${#previews[@]}
if [ "$count" -eq 0 ]; then
    echo "$0: there are no previews in $PWD/previews" >&2
    exit 1
fi

part=.part.$HOSTNAME.$$.png
trap 'rm -f "$part"' EXIT

rows=$(((count + 7) / 8))
ffmpeg -nostdin -loglevel error -y -pattern_type glob -i 'previews/preview.*.png' \
    -vf "tile=8x$rows:padding=4:margin=4:color=0x101418" -frames:v 1 -update 1 "$part"
mv -f "$part" contact-sheet.png
echo "contact-sheet.png written, $count frames"
