"""Obeys a workflow log as GitHub's runner does (actions/runner, ActionCommand.cs and ActionCommandManager.cs), and
prints the commands as JSON."""
import json
import re
import sys

OBEYED = {
    "add-mask", "add-matcher", "remove-matcher", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path",
    "notice", "save-state", "set-env", "set-output", "add-path", "warning", "stop-commands",
}


def parsed(line):
    """The newer spelling at the beginning of a line, blanks aside; the older one anywhere."""
    new = re.match(r"\s*::([^ :]+)(?: ([^:]*))?::(.*)$", line, re.S)
    if new and (new[1] in OBEYED or new[1] == stopped):
        return new.groups()
    old = re.search(r"##\[([^ \]]+)(?: ([^\]]*))?\](.*)$", line, re.S)
    return old.groups() if old and old[1] in OBEYED else None


def unescaped(text):
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")


stopped, commands = None, []
# .NET ends lines at CR too.
for line in re.split(r"\r\n|\r|\n", sys.stdin.read()):
    command = parsed(line)
    if command is None or (stopped and command[0] != stopped):
        continue
    name, properties, text = command
    if name == stopped:
        stopped = None
    elif name == "stop-commands":
        stopped = text
    else:
        fields = dict(field.split("=", 1) for field in (properties or "").split(",") if "=" in field)
        commands.append({"command": name, "text": unescaped(text), **{k.strip(): unescaped(v) for k, v in fields.items()}})
assert stopped is None, "the fence should be closed"
json.dump(commands, sys.stdout)
