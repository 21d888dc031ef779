"""What the proofs of both descriptions (`/openapi.json`) share: Schemathesis, from PyPI in .build/schemathesis."""

import os
import subprocess
import venv

RELEASE = "schemathesis==4.32.5"
FOLDER = ".build/schemathesis"
# Schemathesis cannot send lines of JSON by itself. It does not encode a # inside of a list that it puts into a path, so
# that the path ends there and is another one.
HOOKS = """
import json, schemathesis

@schemathesis.hook
def filter_case(context, case):
    values = (case.path_parameters or {}).values()
    return not any(isinstance(value, (list, dict)) and "#" in str(value) for value in values)

@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
"""


class Schemathesis:
    """The program, installed if necessary, with its settings in a folder."""

    def __init__(self, folder, settings):
        self.program, self.folder = f"{FOLDER}/bin/schemathesis", folder
        if not os.path.exists(self.program):
            venv.create(FOLDER, with_pip=True)
            subprocess.run([f"{FOLDER}/bin/pip", "install", "-q", RELEASE], check=True)
        for name, content in (("schemathesis.toml", settings), ("hooks.py", HOOKS)):
            with open(f"{folder}/{name}", "w") as out:
                out.write(content)

    def run(self, file, port, examples, seed, headers=(), left_out=(), only=()):
        """Holds a server of this machine against a description. Returns the process that has ended."""
        command = [
            self.program, "--config-file", f"{self.folder}/schemathesis.toml", "run", file, "--url", f"http://127.0.0.1:{port}",
            "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--seed", str(seed), "--no-color",
            "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"]
        for option, values in (
                ("--header", headers), ("--exclude-operation-id", left_out), ("--include-operation-id", only)):
            for value in values:
                command += [option, value]
        hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": self.folder}
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **hooks})
