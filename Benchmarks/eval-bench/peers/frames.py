"""Polars and DuckDB over the same columns.

    frames.py polars|duckdb|duckdb-file FOLDER CONDITIONS THREADS
    frames.py polars|duckdb FOLDER windows THREADS
"""
import os
import sys

ENGINE, FOLDER, WORK, THREADS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["POLARS_MAX_THREADS"] = str(THREADS)

import json

import numpy as np
import pyarrow as pa

from conditions import COLUMNS, FLAGS, UNKNOWN, WORDS, load
from serve import serve

NOW = 20619 * 86400 + 9 * 3600


def table():
    with open(f"{FOLDER}/words.json") as file:
        words = json.load(file)
    arrays = {}
    for name, kind in COLUMNS.items():
        values = np.fromfile(f"{FOLDER}/{name}.bin", dtype="<" + kind)
        if name in WORDS:
            arrays[name] = pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int32)), pa.array(words[name]))
        elif name in FLAGS:
            arrays[name] = pa.array(values != 0)
        elif name in UNKNOWN:
            # 16 bits hold the days, but nobody would choose them for dates.
            wide = values.astype(np.int32) if name.endswith("Day") and kind == "u2" else values
            arrays[name] = pa.array(wide, mask=values == UNKNOWN[name])
        else:
            arrays[name] = pa.array(values)
    return pa.table(arrays)


def events():
    kinds = {"customer": "<i4", "seconds": "<i4", "type": "<u1", "amount": "<f8"}
    columns = {name: np.fromfile(f"{FOLDER}/events.{name}.bin", dtype=kind) for name, kind in kinds.items()}
    types = pa.array(["login", "purchase", "support", "complaint", "refund"])
    columns["type"] = pa.DictionaryArray.from_arrays(pa.array(columns["type"].astype(np.int32)), types)
    return pa.table(columns)


# name, type, days, whether the amounts are summed
WINDOWS = [
    ("c30", "complaint", 30, False), ("p7", "purchase", 7, False), ("r90", "refund", 90, True),
    ("p90", "purchase", 90, False), ("l14", "login", 14, False), ("s14", "support", 14, False)]


def sql(node):
    if not isinstance(node, tuple):
        return f"'{node}'" if isinstance(node, str) else repr(node)
    kind = node[0]
    if kind == "read":
        return node[1]
    if kind in ("known", "unknown"):
        return f"({node[1]} IS {'NOT ' if kind == 'known' else ''}NULL)"
    if kind == "in":
        return f"({node[1]} IN ({', '.join(map(sql, node[2]))}))"
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(map(sql, node[1:])) + ")"
    if kind == "not":
        return f"(NOT {sql(node[1])})"
    if kind == "if":
        return f"(CASE WHEN {sql(node[1])} THEN {sql(node[2])} ELSE {sql(node[3])} END)"
    operator = {"==": "=", "!=": "<>"}.get(kind, kind)
    return f"({sql(node[1])} {operator} {sql(node[2])})"


def expression(node):
    import polars as pl
    if not isinstance(node, tuple):
        return node
    kind = node[0]
    if kind == "read":
        return pl.col(node[1])
    if kind in ("known", "unknown"):
        return pl.col(node[1]).is_not_null() if kind == "known" else pl.col(node[1]).is_null()
    if kind == "in":
        return pl.col(node[1]).is_in(node[2])
    if kind == "not":
        return ~expression(node[1])
    if kind == "if":
        return pl.when(expression(node[1])).then(expression(node[2])).otherwise(expression(node[3]))
    parts = [expression(part) for part in node[1:]]
    functions = {
        "and": lambda a, b: a & b, "or": lambda a, b: a | b, "+": lambda a, b: a + b, "-": lambda a, b: a - b,
        "*": lambda a, b: a * b, "/": lambda a, b: a / b, "%": lambda a, b: a % b, "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b}
    result = parts[0]
    for part in parts[1:]:
        result = functions[kind](result, part)
    return result


def polars():
    import polars as pl
    if WORK == "windows":
        frame = pl.from_arrow(events())
        since = lambda kind, days: (pl.col("type") == kind) & (pl.col("seconds") >= NOW - days * 86400)
        sums = {
            name: pl.when(since(kind, days)).then(pl.col("amount")).otherwise(0.0).sum() if is_sum
            else since(kind, days).sum() for name, kind, days, is_sum in WINDOWS}
        query = frame.lazy().group_by("customer").agg(**sums).select(
            (pl.col("c30") >= 2).sum().alias("a"), (pl.col("p7") >= 3).sum().alias("b"),
            (pl.col("r90") > 100).sum().alias("c"), ((pl.col("p90") >= 1) & (pl.col("l14") == 0)).sum().alias("d"),
            (pl.col("s14") >= 2).sum().alias("e"))
    else:
        frame = pl.from_arrow(table()).with_columns(pl.col(name).cast(pl.Categorical) for name in WORDS)
        query = frame.lazy().select(
            expression(condition).fill_null(False).sum().alias(f"r{index}")
            for index, condition in enumerate(load(WORK)))
    serve(lambda: query.collect().row(0), version=pl.__version__)


def duckdb():
    import duckdb
    path = f"{FOLDER}/peer.duckdb" if ENGINE == "duckdb-file" else ":memory:"
    if WORK == "windows":
        source, name = events(), "events"
        sums = ", ".join(
            f"sum(CASE WHEN type = '{kind}' AND seconds >= {NOW - days * 86400} THEN {'amount' if is_sum else 1} "
            f"ELSE 0 END) AS {name}" for name, kind, days, is_sum in WINDOWS)
        query = f"""SELECT count(*) FILTER (c30 >= 2), count(*) FILTER (p7 >= 3), count(*) FILTER (r90 > 100),
            count(*) FILTER (p90 >= 1 AND l14 = 0), count(*) FILTER (s14 >= 2)
            FROM (SELECT customer, {sums} FROM events GROUP BY customer)"""
    else:
        source, name = table(), "customers"
        source = source.set_column(0, "tier", source["tier"].cast(pa.string()))
        for index, column in enumerate(COLUMNS):
            if column in WORDS:
                source = source.set_column(index, column, source[column].cast(pa.string()))
        query = "SELECT " + ", ".join(f"count(*) FILTER {sql(condition)}" for condition in load(WORK))
        query += " FROM customers"
    database = duckdb.connect(path)
    database.execute(f"SET threads = {THREADS}")
    database.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM source")
    if ENGINE != "duckdb-file":
        serve(lambda: database.execute(query).fetchone(), version=duckdb.__version__)
        return
    database.close()

    def run():
        with duckdb.connect(path, read_only=True) as opened:
            opened.execute(f"SET threads = {THREADS}")
            return opened.execute(query).fetchone()
    serve(run, version=duckdb.__version__)


polars() if ENGINE == "polars" else duckdb()
