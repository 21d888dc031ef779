"""The reference of the Swift modules as DocC shows it: a part of the site for web servers, because its pages are programs."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = "modules"
"""The folder of the site in which the reference is."""


def catalogs():
    """The folders with texts for DocC, by module."""
    return {os.path.basename(os.path.dirname(path)): path for path in sorted(glob.glob(os.path.join(ROOT, "Sources", "*", "*.docc")))}


def run(*command, **options):
    """The output of a program; ends with what it says if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command[:2])} failed:\n{done.stdout}")
    return done.stdout


def build(site, products, base):
    """Writes the reference of the modules that were built in the folder `products` into a site that is published below the path
    `base` of its server. Returns a line for each name in a text that is none of the module."""
    toolchain = os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("docc") or sys.exit("docc is not in PATH"))))
    environment = {**os.environ, "DOCC_HTML_DIR": os.path.join(toolchain, "share", "docc", "render")}
    maps = [argument for path in sorted(glob.glob(os.path.join(products, "*.build", "module.modulemap")))
            for argument in ("-Xcc", f"-fmodule-map-file={path}")]
    machine = os.uname().machine
    wrong, archives = [], []
    with tempfile.TemporaryDirectory() as folder:
        for module, catalog in catalogs().items():
            symbols, archive = os.path.join(folder, module), os.path.join(folder, module + ".doccarchive")
            os.mkdir(symbols)
            run("swift-symbolgraph-extract", "-module-name", module, "-I", os.path.join(products, "Modules"), *maps, "-target",
                f"{machine}-unknown-linux-gnu", "-minimum-access-level", "public", "-output-dir", symbols)
            said = run("docc", "convert", catalog, "--additional-symbol-graph-dir", symbols, "--output-path", archive,
                       "--transform-for-static-hosting", "--hosting-base-path", f"{base}/{FOLDER}".strip("/"), env=environment)
            wrong += [f"{module}: {line}" for line in said.splitlines() if line.startswith("warning: ")]
            archives.append(archive)
        out = os.path.join(site, FOLDER)
        run("docc", "merge", *archives, "--synthesized-landing-page-name", "Swift modules", "--output-path", out, env=environment)
    return wrong
