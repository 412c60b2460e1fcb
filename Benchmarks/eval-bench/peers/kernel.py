"""Writes the conditions as C: what a programmer would write by hand for exactly these, as the limit.

    kernel.py CONDITIONS WORDS columns|rows > kernel.c

columns: every distinct leaf once per block of 4,096 customers into a mask of bytes, then the masks combined.
rows: one customer after the other, with short circuit.
"""
import json
import sys

from conditions import COLUMNS, UNKNOWN, columns_of, load

KINDS = {"u1": "uint8_t", "i1": "int8_t", "u2": "uint16_t", "i2": "int16_t", "f8": "double"}
conditions = load(sys.argv[1])
with open(sys.argv[2]) as file:
    words = json.load(file)
by_rows = sys.argv[3] == "rows"


def text(node, place):
    if not isinstance(node, tuple):
        return repr(node)
    kind = node[0]
    if kind == "read":
        return place(node[1])
    if kind in ("known", "unknown"):
        return f"({place(node[1])} {'!=' if kind == 'known' else '=='} {UNKNOWN[node[1]]})"
    if kind == "in":
        glue = " || " if by_rows else " | "
        return "(" + glue.join(f"({place(node[1])} == {words[node[1]].index(word)})" for word in node[2]) + ")"
    if kind == "not":
        return f"(!{text(node[1], place)})"
    if kind in ("and", "or"):
        return "(" + {"and": " && ", "or": " || "}[kind].join(text(part, place) for part in node[1:]) + ")"
    if kind == "if":
        return f"({text(node[1], place)} ? {text(node[2], place)} : {text(node[3], place)})"
    left, right = node[1], node[2]
    if isinstance(right, str):
        return f"({place(left[1])} {kind} {words[left[1]].index(right)})"
    if kind == "/":
        return f"({text(left, place)} / (double){text(right, place)})"
    return f"({text(left, place)} {kind} {text(right, place)})"


out = ["#include <stdint.h>", "#include <stddef.h>", "enum { BLOCK = 4096 };"]
out.append("struct columns { " + " ".join(f"{KINDS[kind]} *{name};" for name, kind in COLUMNS.items()) + " };")
out.append("struct row { " + " ".join(f"{KINDS[kind]} {name};" for name, kind in COLUMNS.items()) + " };")
out.append(f"enum {{ CONDITIONS = {len(conditions)} }};")

if by_rows:
    out.append("static void block(const struct row *rows, size_t count, long *hits) {")
    out.append("  long h[CONDITIONS] = {0};")
    out.append("  for (size_t i = 0; i < count; i++) { const struct row *r = rows + i;")
    for index, condition in enumerate(conditions):
        out.append(f"    h[{index}] += !!{text(condition, lambda name: 'r->' + name)};")
    out.append("  }\n  for (int i = 0; i < CONDITIONS; i++) hits[i] += h[i];\n}")
else:
    masks, leaves, steps = {}, [], []

    def mask(node):
        kind = node[0]
        if kind in ("and", "or", "not"):
            parts = tuple(sorted({mask(part) for part in node[1:]}))
            key = (kind, parts)
            if key not in masks:
                masks[key] = len(masks)
                steps.append((masks[key], kind, parts))
            return masks[key]
        if node not in masks:
            masks[node] = len(masks)
            leaves.append((masks[node], node))
        return masks[node]

    def hashable(node):
        return tuple(hashable(part) for part in node) if isinstance(node, (tuple, list)) else node

    roots = [mask(hashable(condition)) for condition in conditions]
    for number, node in leaves:
        names = columns_of(node)
        parameters = ", ".join(f"const {KINDS[COLUMNS[name]]} *restrict {name}" for name in names)
        out.append(
            f"static __attribute__((noinline)) void leaf{number}(uint8_t *restrict m, {parameters}) {{ "
            f"for (int i = 0; i < BLOCK; i++) m[i] = {text(node, lambda name: name + '[i]')} != 0; }}")
    out.append("static long sum(const uint8_t *restrict m) {\n  long total = 0;\n  for (int b = 0; b < BLOCK; b += 128) {")
    out.append("    uint8_t t[64]; unsigned u = 0;\n    for (int i = 0; i < 64; i++) t[i] = m[b + i] + m[b + 64 + i];")
    out.append("    for (int i = 0; i < 64; i++) u += t[i];\n    total += u;\n  }\n  return total;\n}")
    out.append(f"struct masks {{ uint8_t m[{len(masks)}][BLOCK]; }};")
    out.append("static void block(struct masks *all, const struct columns *c, size_t a, long *hits) {")
    for number, node in leaves:
        places = ", ".join(f"c->{name} + a" for name in columns_of(node))
        out.append(f"  leaf{number}(all->m[{number}], {places});")
    for number, kind, parts in steps:
        body = f"all->m[{parts[0]}][i] ^ 1" if kind == "not" else \
            {"and": " & ", "or": " | "}[kind].join(f"all->m[{part}][i]" for part in parts)
        out.append(f"  for (int i = 0; i < BLOCK; i++) all->m[{number}][i] = {body};")
    for index, root in enumerate(roots):
        out.append(f"  hits[{index}] += sum(all->m[{root}]);")
    out.append("}")

print("\n".join(out))
