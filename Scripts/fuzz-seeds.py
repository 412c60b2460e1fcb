"""Writes the inputs that fuzzing begins with.

    fuzz-seeds.py FOLDER FILE...

Every file as it is; of rule files each campaign, with the declarations of all and the segments and policies of its file;
every condition and trait found in them as an expression over some data.
"""
import json
import os
import sys

folder, files = sys.argv[1], sys.argv[2:]
documents = [json.load(open(file)) for file in files if os.path.exists(file) and not file.endswith(".tests.json")]
DATA = {"points": 5, "flag": True, "name": "Ada", "tags": ["a", "b"], "tier": "gold", "since": "2026-09-01",
        "birthday": "1990-09-28", "list": [1, 2, 3], "nested": {"a": {"b": None}}}
OPERATORS = {
    "var", "missing", "missing_some", "if", "?:", "==", "===", "!=", "!==", "!", "!!", "or", "and", ">", ">=", "<", "<=", "max",
    "min", "+", "-", "*", "/", "%", "map", "filter", "reduce", "all", "none", "some", "merge", "in", "cat", "substr", "val",
    "exists", "??", "try", "throw", "now", "today", "days_since", "days_until", "age", "days_until_birthday", "within",
    "bucket", "startsWith", "endsWith"}
EXPRESSIONS = [
    {"cat": ["a", {"substr": [{"var": "name"}, -2]}]}, {"reduce": [{"var": "list"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]},
    {"try": [{"throw": "a"}, {"val": "type"}]}, {"??": [{"val": ["nested", "a", "b"]}, {"exists": "points"}]},
    {"map": [{"var": "list"}, {"*": [{"var": ""}, {"val": [[1], "index"]}]}]}, {"missing_some": [1, ["points", "x"]]},
    {"within": [{"var": "since"}, "P30D"]}, {"age": {"var": "birthday"}}, {"days_until_birthday": {"var": "birthday"}},
    {"and": [{"<": [0, {"days_since": {"var": "since"}}, 90]}, {"in": [{"var": "tier"}, ["gold"]]}]},
    {"merge": [{"var": "tags"}, {"filter": [{"var": "list"}, {">": [{"var": ""}, 1]}]}]}, {"bucket": ["salt", {"var": "name"}]}]


def write(name, value):
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))


def expressions(value):
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in OPERATORS:
            yield value
            return
        for part in value.values():
            yield from expressions(part)
    elif isinstance(value, list):
        for part in value:
            yield from expressions(part)


declared = {}
for document in documents:
    for section in ("attributes", "events", "traits", "segments"):
        declared.setdefault(section, {}).update(document.get(section) or {})


def named(value, found):
    """The names that a part of a rule file mentions."""
    if isinstance(value, dict):
        for key, part in value.items():
            found.add(key)
            named(part, found)
    elif isinstance(value, list):
        for part in value:
            named(part, found)
    elif isinstance(value, str):
        found.add(value)
        found.update(value.replace("{{", " ").replace("}}", " ").split())


def needed(campaign):
    """What is declared of what a campaign names, of what that names, and so on."""
    result, known = {}, set()
    named(campaign, known)
    while True:
        names = {part for name in known for part in (name, name.split(".")[0])}
        more = {
            section: {name: value for name, value in members.items() if name in names}
            for section, members in declared.items()}
        if more == result:
            return {section: members for section, members in result.items() if members}
        result = more
        named(result, known)


number = 0
for index, document in enumerate(documents):
    write(f"file-{index}", document)
    for name, campaign in document.get("campaigns", {}).items():
        alone = needed(campaign) | {"campaigns": {name: campaign}}
        if "policies" in document:
            alone["policies"] = document["policies"]
        write(f"campaign-{number}", alone)
        number += 1
known = []
for expression in [*EXPRESSIONS, *expressions(documents)]:
    if expression not in known:
        known.append(expression)
for number, expression in enumerate(known):
    write(f"expression-{number}", {"rule": expression, "data": DATA})
