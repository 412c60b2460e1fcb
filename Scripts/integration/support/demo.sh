# Makes a folder with the demonstration's data imported as history; sourced after common.sh. Needs DEMO_DATA.
# shellcheck shell=bash

# demo_shop FOLDER PORT UNTIL [OPTION ...]: care.json for that port, the rules that ship, the store filled up to UNTIL.
demo_shop() {
    local folder=$1 port=$2 until=$3
    mkdir -p "$folder"
    sed "s/127\.0\.0\.1:8421/127.0.0.1:$port/g" "$root/care.json" >"$folder/care.json"
    ln -s "$root/rules" "$folder/rules"
    "$DEMO_DATA" "$root/Demo/cdnow/CDNOW_sample.txt" "$folder/data"
    (
        cd "$folder"
        "$CARE" import customers data/made-up-customers.csv --history-until "$until"
        "$CARE" import customers data/made-up-tier-changes.csv --history-until "$until"
        "$CARE" import events "$root/Demo/cdnow/CDNOW_sample.txt" --map "$root/Demo/cdnow/cdnow.map.json" \
            --history-until "$until"
        "$CARE" import events data/made-up-events.jsonl --history-until "$until"
    )
}
