#!/bin/sh
# A frame that bears witness of itself: says when it starts and ends, and notices if another run of the same frame is under way.
# Arguments: the witness folder, the exit status to end with, seconds to take.
dir=$1 status=$2 seconds=$3
exec 9>"$dir/locks/$CUE_FRAME_ID" || exit 90
flock -n 9 || printf '%s\n' "$CUE_FRAME_ID" >>"$dir/doubles"
printf 'start %s\n' "$CUE_FRAME_ID" >>"$dir/log"
sleep "$seconds"
printf 'end %s %s\n' "$CUE_FRAME_ID" "$status" >>"$dir/log"
exit "$status"
