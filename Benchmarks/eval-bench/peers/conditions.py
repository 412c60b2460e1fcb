"""The measured conditions, lowered to whole numbers, for engines that know no birthdays and no local days.

A lowered condition is a nested tuple: ("and", ...), ("or", ...), ("not", x), ("read", column), ("known", column),
("unknown", column), ("in", column, [words]), (comparison, x, y), (arithmetic, x, y), ("if", c, x, y), numbers, texts.
"""
import json

TODAY, YEAR, MONTH_DAY, YEAR_DAY = 20619, 2026, 615, 167
COLUMNS = {
    "tier": "u1", "country": "u1", "city": "u1", "birthYear": "i2", "birthMonthDay": "i2", "birthYearDay": "i2",
    "purchaseDay": "u2", "activityDay": "u2", "orders90d": "u2", "spend90d": "f8", "nps": "i1", "openComplaints": "u1",
    "consentEmail": "u1", "vip": "u1"}
# What stands for a value that is not known; the other columns have none.
UNKNOWN = {"birthYear": 0, "birthMonthDay": 0, "birthYearDay": 0, "purchaseDay": 0, "activityDay": 0, "nps": -1}
WORDS = ("tier", "country", "city")
FLAGS = ("consentEmail", "vip")
PLACES = {"birthday": "birthYearDay", "lastPurchaseAt": "purchaseDay", "lastActivityAt": "activityDay"}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def load(path):
    with open(path) as file:
        return [lower(condition) for condition in json.load(file)]


def lower(node):
    if not isinstance(node, dict):
        return node
    (operator, operands), = node.items()
    if operator == "var":
        return ("read", PLACES.get(operands, operands))
    if operator == "days_since":
        return ("-", TODAY, lower(operands[0]))
    if operator == "days_until_birthday":
        return ("%", ("+", ("-", lower(operands[0]), YEAR_DAY), 366), 366)
    if operator == "age":
        passed = ("if", (">", ("read", "birthMonthDay"), MONTH_DAY), 1, 0)
        return ("-", ("-", YEAR, ("read", "birthYear")), passed)
    if operator in ("and", "or", "if"):
        return (operator, *map(lower, operands))
    if operator == "!":
        return ("not", lower(operands[0]))
    if operator == "in":
        return ("in", lower(operands[0])[1], operands[1])
    operator = operator[:2] if operator in ("===", "!==") else operator
    if operator in ("+", "*"):
        result = lower(operands[0])
        for operand in operands[1:]:
            result = (operator, result, lower(operand))
        return result
    if operator == "<" and len(operands) == 3:
        low, value, high = map(lower, operands)
        return ("and", (">", value, low), ("<", value, high))
    left, right = map(lower, operands)
    if right is None:
        return ("unknown" if operator == "==" else "known", left[1])
    if operator in MIRRORED and isinstance(left, tuple) and left[0] == "-" and left[1] == TODAY:
        # today - day > n is day < today - n
        return (MIRRORED[operator], left[2], TODAY - right)
    return (operator, left, right)


def columns_of(node):
    """The columns that a lowered condition reads, in their order."""
    found = set()

    def look(node):
        if isinstance(node, tuple):
            if node[0] in ("read", "known", "unknown", "in"):
                found.add(node[1])
            else:
                for part in node[1:]:
                    look(part)
    look(node)
    return [name for name in COLUMNS if name in found]
