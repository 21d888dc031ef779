#!/usr/bin/env python3
"""Writes manual pages: quire.1, and a page for each command, from what the program says of itself.

    packaging/make-manual.py --quire PATH --folder FOLDER
"""

import argparse
import json
import os
import subprocess


def escaped(text):
    """A text in which roff sees no control lines, escapes or hyphens."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def names(option):
    """The names of an option as they are typed, with its value, or the name of a positional argument."""
    value = "" if option["kind"] == "flag" else f" \\fI{escaped(option['valueName'])}\\fR"
    if option["kind"] == "positional":
        return f"\\fI{escaped(option['valueName'])}\\fR"
    typed = [("-" if name["kind"] == "short" else "--") + name["name"] for name in option["names"]]
    return ", ".join(f"\\fB{escaped(name)}\\fR" for name in typed) + value


def synopsis(path, command):
    """The command line; an optional part is in brackets."""
    parts = [f"\\fB{escaped(' '.join(path))}\\fR"]
    if command.get("subcommands"):
        return parts[0] + " \\fIcommand\\fR"
    shown = [option for option in command.get("arguments", []) if option["shouldDisplay"] and option["valueName"] not in ("help", "version")]
    if any(option["kind"] != "positional" for option in shown):
        parts.append("[\\fIoption\\fR ...]")
    for option in shown:
        if option["kind"] == "positional":
            dots = " ..." if option["isRepeating"] else ""
            parts.append(f"[{names(option)}{dots}]" if option["isOptional"] else names(option) + dots)
    return " ".join(parts)


def options(command):
    for option in command.get("arguments", []):
        if not option["shouldDisplay"]:
            continue
        yield f".TP\n{names(option)}"
        text = escaped(option.get("abstract", ""))
        if option.get("defaultValue") and "efault" not in text:
            text += f" Default: {escaped(option['defaultValue'])}."
        yield text or "\\&"


def page(path, command, version):
    """The page of a command, with its subcommands."""
    lines = [f'.TH "{"-".join(path).upper()}" 1 "" "quire {version}" "Quire"', ".SH NAME",
             f"{escaped('-'.join(path))} \\- {escaped(command.get('abstract', '')).rstrip('.')}", ".SH SYNOPSIS", synopsis(path, command)]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", escaped(command["discussion"])]
    listed = [part for part in command.get("subcommands", []) if part["commandName"] != "help"]
    if listed and len(path) == 1:
        lines.append(".SH COMMANDS")
        for part in listed:
            lines += [f".TP\n\\fBquire\\-{escaped(part['commandName'])}\\fR(1)", escaped(part.get("abstract", ""))]
    elif listed:
        for part in listed:
            whole = path + [part["commandName"]]
            lines += [f".SH {escaped(' '.join(whole)).upper()}", synopsis(whole, part), ".PP", escaped(part.get("abstract", "")),
                      escaped(part.get("discussion", "")), *options(part)]
    lines += [".SH OPTIONS", *options(command)]
    others = "quire(1)" if len(path) > 1 else "/usr/share/doc/quire/operate.md"
    return "\n".join([line for line in lines if line] + [".SH SEE ALSO", escaped(others)]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", required=True)
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    def run(option):
        return subprocess.run([arguments.quire, option], check=True, capture_output=True, text=True).stdout
    version, program = run("--version").strip(), json.loads(run("--experimental-dump-help"))["command"]
    pages = {"quire": page(["quire"], program, version)}
    for command in program["subcommands"]:
        if command["commandName"] != "help":
            pages[f"quire-{command['commandName']}"] = page(["quire", command["commandName"]], command, version)
    for name, text in pages.items():
        with open(os.path.join(arguments.folder, name + ".1"), "w") as out:
            out.write(text)


if __name__ == "__main__":
    main()
