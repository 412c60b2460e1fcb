#!/bin/bash
# How long `care check` takes over 1,000 campaigns: those of rules/ and examples/, again and again under other names, in
# twenty files. Prints the median of five runs, start of the process included, and what was found.
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/setup.sh
Scripts/build.sh care
care=$PWD/.build/release/care
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/rules"
python3 - "$folder" rules/*.json examples/*.json <<'PYTHON'
import copy, json, sys

folder = sys.argv[1]
documents = [json.load(open(file)) for file in sys.argv[2:] if not file.endswith(".tests.json")]
shared = {"attributes": {}, "events": {}, "traits": {}, "segments": {}, "policies": {}}
campaigns, destinations = {}, set()


def collect(value):
    if isinstance(value, dict):
        if isinstance(value.get("send"), str):
            destinations.add(value["send"])
        for part in value.values():
            collect(part)
    elif isinstance(value, list):
        for part in value:
            collect(part)


for document in documents:
    collect(document)
    for section in ("attributes", "events", "traits", "segments"):
        shared[section].update(document.get(section) or {})
    for name, policy in (document.get("policies") or {}).items():
        known = shared["policies"].setdefault(name, policy)
        if known is not policy and isinstance(policy, dict):
            known.update(policy)
        elif known is not policy and isinstance(policy, list):
            known.extend(part for part in policy if part not in known)
    campaigns.update(document.get("campaigns") or {})
names, many = list(campaigns), []
while len(many) < 1000:
    name = names[len(many) % len(names)]
    campaign = copy.deepcopy(campaigns[name])
    campaign.pop("formerly", None)
    many.append((f"{name}-{len(many) // len(names)}", campaign))
json.dump(shared, open(f"{folder}/rules/declarations.json", "w"))
for part in range(20):
    json.dump({"campaigns": dict(many[part * 50:part * 50 + 50])}, open(f"{folder}/rules/{part}.json", "w"))
webhook = {"type": "webhook", "url": "http://127.0.0.1:9/", "secret": "env:SECRET", "allowPrivateAddresses": True}
json.dump(
    {"timeZone": "America/New_York", "store": "care.sqlite", "destinations": {name: webhook for name in destinations}},
    open(f"{folder}/care.json", "w"))
PYTHON
cd "$folder"
for _ in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$care" check >found || { tail -n 5 found >&2; exit 1; }
    echo $((($(date +%s%N) - start) / 1000000))
done | sort -n | sed -n 3p | sed 's/$/ ms/'
tail -n 1 found
