"""Runs the examples of a document as a reader would.

    docs.py DOCUMENT FOLDER

Writes each block that a `<!-- file: NAME -->` line announces to FOLDER/NAME, then runs the lines of the blocks without
a language, from top to bottom, in one shell each with what `export` lines set before. Every `care` command must end
with 0, except that `care receive` runs beside the others until the end. Lines of `make` and of PATH are passed over:
the program is built already and on the PATH.
"""

import os
import re
import signal
import subprocess
import sys
import time

document, folder = sys.argv[1:]
text = open(document, encoding="utf-8").read()

for name, body in re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", text, re.S):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(body)

environment = dict(os.environ)
commands = []
for block in re.findall(r"^```\n(.*?)^```", text, re.S | re.M):
    for line in block.splitlines():
        if match := re.fullmatch(r"export (\w+)=(.*)", line):
            if match.group(1) != "PATH":
                environment[match.group(1)] = match.group(2)
        elif line.startswith("care "):
            commands.append(line)

receiver = None
failures = 0
for command in commands:
    print("$", command, flush=True)
    if command.startswith("care receive"):
        receiver = subprocess.Popen(command, shell=True, cwd=folder, env=environment, start_new_session=True)
        port = re.search(r"--port (\d+)", command).group(1)
        for _ in range(200):
            if subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}"], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.05)
        continue
    result = subprocess.run(command, shell=True, cwd=folder, env=environment)
    if result.returncode != 0:
        print(f"ended with {result.returncode}: {command}", flush=True)
        failures += 1
if receiver:
    os.killpg(receiver.pid, signal.SIGTERM)
    receiver.wait()
print(f"{len(commands)} commands of {os.path.basename(document)}, {failures} failed")
sys.exit(1 if failures or not commands else 0)
