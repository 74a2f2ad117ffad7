#!/usr/bin/python3
"""Stands in for pfctl(8) and the pf behind it: anchors are kept in a file beside this program, each call and its input is
written down, and answers have pfctl's form. Files beside it say more: `dialect` (new or old), `mode` (ok; fail: each change
is refused; hang), `labels` (what -s labels prints behind the label)."""
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))


def beside(name, default=""):
    try:
        with open(os.path.join(HERE, name), encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        return default


def refuse(why, status=1):
    print(why, file=sys.stderr)
    sys.exit(status)


def record(words, text):
    with open(os.path.join(HERE, "calls"), "a", encoding="ascii") as file:
        file.write("pfctl " + " ".join(words) + "\n" + "".join("| " + line + "\n" for line in text.splitlines()))


def load_state():
    return json.loads(beside("state", "{}"))


def save_state(state):
    path = os.path.join(HERE, "state")
    with open(path + ".new", "w", encoding="ascii") as file:
        json.dump(state, file)
    os.rename(path + ".new", path)


def check_dialect(line, number):
    new = line.startswith("pass ") and " rdr-to " in line
    old = line.startswith("rdr ") and " -> " in line
    if (new and DIALECT == "old") or (old and DIALECT == "new"):
        refuse(f"stdin:{number}: syntax error")


def add(table, addresses):
    """As in pf, an address that is there already keeps its weight."""
    for address in list(table):
        if address not in addresses:
            del table[address]
    for address, weight in addresses.items():
        table.setdefault(address, weight)


def load_rules(anchor, text):
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        check_dialect(line, number)
        definition = re.fullmatch(r"table <(\S+)> persist(?: \{ (.*) \})?", line)
        if not definition:
            rules.append(line)
            continue
        table = anchor["tables"].setdefault(definition[1], {})
        if definition[2]:
            words = definition[2].split()
            addresses = {}
            for at, word in enumerate(words):
                if word == "weight" or words[at - 1] == "weight":
                    continue
                weighted = words[at + 1:at + 2] == ["weight"]
                addresses[word] = int(words[at + 2]) if weighted else 1
            add(table, addresses)
    anchor["nat"] = [rule for rule in rules if rule.startswith("rdr ")]
    anchor["rules"] = [rule for rule in rules if not rule.startswith("rdr ")]


def show(state, name, what):
    anchor = state.get(name, {"tables": {}, "nat": [], "rules": []})
    if what == "Anchors":
        lines = ["  " + each for each in sorted(state) if each.startswith(name + "/")]
        if not lines:
            print(f"Anchor '{name}' not found.", file=sys.stderr)
    elif what == "Tables":
        lines = sorted(anchor["tables"])
    elif what == "labels":
        found = [re.search(r' label "([^"]*)"', rule) for rule in anchor["rules"]]
        lines = [label[1] + " " + beside("labels", "0 0 0 0 0 0 0 0") for label in found if label]
    else:
        lines = anchor[what]
    print("".join(line + "\n" for line in lines), end="")


def show_table(table):
    for address, weight in sorted(table.items()):
        print(f"   {address}\n\tCleared:     Tue Dec  1 01:06:40 2026")
        if weight != 1:
            print(f"\tWeight:             {weight}")


def change(state, name, words, text):
    if MODE == "fail":
        refuse("pfctl: DIOCXCOMMIT: Device busy")
    anchor = state.setdefault(name, {"tables": {}, "nat": [], "rules": []})
    if words == ["-f", "-"]:
        load_rules(anchor, text)
    elif words[:1] == ["-t"] and words[2:] == ["-T", "replace", "-f", "-"]:
        add(anchor["tables"].setdefault(words[1], {}), dict.fromkeys(text.split(), 1))
    elif words[:1] == ["-t"] and words[2:] == ["-T", "kill"]:
        anchor["tables"].pop(words[1], None)
    elif words in (["-F", "nat"], ["-F", "rules"]):
        anchor[words[1]] = []
    elif words == ["-F", "Tables"]:
        anchor["tables"] = {}
    else:
        refuse("usage: pfctl ...")
    if anchor == {"tables": {}, "nat": [], "rules": []}:
        del state[name]
    save_state(state)


def main(words):
    text = sys.stdin.read() if words[-2:] == ["-f", "-"] else ""
    record(words, text)
    if MODE == "hang":
        with open(os.path.join(HERE, "hangs"), "a", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(600)
    state = load_state()
    if words == ["-n", "-f", "-"]:
        check_dialect(text, 1)
    elif words[:2] == ["-q", "-a"] and len(words) > 3:
        change(state, words[2], words[3:], text)
    elif words[:1] == ["-a"] and words[2:3] == ["-s"] and len(words) == 4:
        show(state, words[1], words[3])
    elif words[:1] == ["-a"] and words[2:3] == ["-t"] and words[4:] == ["-vv", "-T", "show"]:
        show_table(state[words[1]]["tables"][words[3]])
    elif words[:1] == ["-k"] and words[2:3] == ["-k"] and len(words) == 4:
        print("killed 2 states from 1 sources and 1 destinations", file=sys.stderr)
    else:
        refuse("usage: pfctl ...")


DIALECT, MODE = beside("dialect", "new"), beside("mode", "ok")
main(sys.argv[1:])
