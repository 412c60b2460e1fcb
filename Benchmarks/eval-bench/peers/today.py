"""DuckDB answers a hundred conditions from its own file: what a plan of today is measured beside.

    today.py CSV CONDITIONS FILE THREADS

Makes FILE from CSV unless it is there. Says how long the second of two runs took, each with the file opened anew, and how
many customers each condition is true of.
"""
import json
import os
import sys
import time

import duckdb

CSV, CONDITIONS, FILE, THREADS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
TIERS = ["bronze", "silver", "gold", "platinum"]


def sql(node):
    if not isinstance(node, dict):
        return f"'{node}'" if isinstance(node, str) else json.dumps(node)
    (operator, operands), = node.items()
    if operator == "var":
        return operands
    if operator in ("and", "or"):
        return "(" + f" {operator} ".join(map(sql, operands)) + ")"
    if operator == "in":
        return f"({sql(operands[0])} IN ({', '.join(map(sql, operands[1]))}))"
    left, right = operands
    # Tiers are compared by their place.
    right = str(TIERS.index(right)) if left == {"var": "tier"} else sql(right)
    return f"({sql(left)} {operator} {right})"


if not os.path.exists(FILE):
    with duckdb.connect(FILE) as database:
        database.execute(f"""CREATE TABLE customers AS SELECT * FROM read_csv('{CSV}', header = true, columns = {{
            'tier': 'UTINYINT', 'country': 'VARCHAR', 'orders90d': 'USMALLINT', 'spend90d': 'DOUBLE',
            'openComplaints': 'UTINYINT', 'consentEmail': 'BOOLEAN', 'vip': 'BOOLEAN'}})""")
with open(CONDITIONS) as file:
    query = "SELECT " + ", ".join(f"count(*) FILTER {sql(condition)}" for condition in json.load(file))
query += " FROM customers"


def run():
    start = time.perf_counter()
    with duckdb.connect(FILE, read_only=True) as opened:
        opened.execute(f"SET threads = {THREADS}")
        hits = opened.execute(query).fetchone()
    return time.perf_counter() - start, hits


run()
seconds, hits = run()
print(json.dumps({"seconds": seconds, "hits": hits, "version": duckdb.__version__}))
