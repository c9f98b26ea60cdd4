#!/bin/bash
# Writes the launch specification of the demo job to stdout.
#
#   job.sh --out DIR [--show NAME] [--shot NAME] [--user NAME] [--name NAME] [--frames N]
#
# DIR is where the job leaves its pictures; --user (the caller) must be able to write there, on every host. Root may own no job.
#
#   samples/demo/job.sh --out /var/tmp/demo >demo.xml && cue submit demo.xml
set -euo pipefail

out='' show=testing shot=demo user=$(id -un) name=demo frames=48
while [ $# -gt 0 ]; do
    option=$1
    case $option in
        --out | --show | --shot | --user | --name | --frames)
            if [ $# -lt 2 ]; then
                echo "$0: $option needs a value" >&2
                exit 2
            fi
            printf -v "${option#--}" '%s' "$2"
            shift 2
            ;;
        --help)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
            exit 0
            ;;
        *)
            echo "$0: unknown option '$option'; --help lists them" >&2
            exit 2
            ;;
    esac
done

case $out in
    /*) ;;
    *)
        echo "$0: --out needs a directory with its full path, which every host knows; got '$out'" >&2
        exit 2
        ;;
esac

if ! [[ $frames =~ ^[1-9][0-9]{0,3}$ ]]; then
    echo "$0: --frames needs a number from 1 to 9999; got '$frames'" >&2
    exit 2
fi

if ! [[ $name =~ ^[A-Za-z0-9_.-]{3,}$ ]]; then
    echo "$0: --name needs three or more letters, digits, '_', '.' or '-'; got '$name'" >&2
    exit 2
fi

if ! uid=$(id -u "$user"); then
    echo "$0: there is no user '$user' on this machine" >&2
    exit 2
fi

if [ "$uid" -eq 0 ]; then
    echo "$0: root may own no job; name another user with --user" >&2
    exit 2
fi

# Text for an XML element.
xml() {
    sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' <<<"$1"
}

# One word of a shell command, for an XML element.
word() {
    xml "'${1//\'/\'\\\'\'}'"
}

scripts=$(cd "$(dirname "$0")" && pwd)
bin=$(word "$scripts")
dir=$(word "$out")

cat <<XML
<?xml version="1.0"?>
<!DOCTYPE spec PUBLIC "SPI Cue Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
<spec>
  <show>$(xml "$show")</show>
  <shot>$(xml "$shot")</shot>
  <user>$(xml "$user")</user>
  <uid>$uid</uid>
  <job name="$(xml "$name")">
    <paused>False</paused>
    <layers>
      <layer name="render" type="Render">
        <cmd>$bin/render.sh $dir #FRAMESPEC# $frames</cmd>
        <range>1-$frames</range>
        <chunk>4</chunk>
        <cores>1.0</cores>
        <threadable>False</threadable>
        <memory>512m</memory>
        <services>
          <service>shell</service>
        </services>
        <outputs>
          <output name="frames">$(xml "$out")/frames/frame.#.png</output>
        </outputs>
      </layer>
      <layer name="preview" type="Util">
        <cmd>$bin/preview.sh $dir #IFRAME#</cmd>
        <range>1-$frames</range>
        <chunk>1</chunk>
        <cores>1.0</cores>
        <threadable>False</threadable>
        <memory>256m</memory>
        <services>
          <service>shell</service>
        </services>
      </layer>
      <layer name="encode" type="Util">
        <cmd>$bin/encode.sh $dir $frames</cmd>
        <range>1</range>
        <chunk>1</chunk>
        <cores>1.0</cores>
        <threadable>True</threadable>
        <memory>512m</memory>
        <services>
          <service>shell</service>
        </services>
        <outputs>
          <output name="movie">$(xml "$out")/demo.mp4</output>
        </outputs>
      </layer>
      <layer name="check" type="Util">
        <cmd>$bin/check.sh $dir $frames</cmd>
        <range>1</range>
        <chunk>1</chunk>
        <cores>1.0</cores>
        <threadable>False</threadable>
        <memory>512m</memory>
        <services>
          <service>shell</service>
        </services>
      </layer>
      <layer name="contact_sheet" type="Post">
        <cmd>$bin/contact-sheet.sh $dir</cmd>
        <range>1</range>
        <chunk>1</chunk>
        <cores>1.0</cores>
        <threadable>False</threadable>
        <memory>256m</memory>
        <services>
          <service>shell</service>
        </services>
      </layer>
    </layers>
  </job>
  <depends>
    <depend type="FRAME_BY_FRAME" anyframe="False">
      <depjob>$(xml "$name")</depjob>
      <deplayer>preview</deplayer>
      <onjob>$(xml "$name")</onjob>
      <onlayer>render</onlayer>
    </depend>
    <depend type="LAYER_ON_LAYER" anyframe="False">
      <depjob>$(xml "$name")</depjob>
      <deplayer>encode</deplayer>
      <onjob>$(xml "$name")</onjob>
      <onlayer>render</onlayer>
    </depend>
    <depend type="LAYER_ON_LAYER" anyframe="False">
      <depjob>$(xml "$name")</depjob>
      <deplayer>check</deplayer>
      <onjob>$(xml "$name")</onjob>
      <onlayer>encode</onlayer>
    </depend>
  </depends>
</spec>
XML
