"""Checks what a machine can see of prose and tests: wrapped Markdown, changelog headings, openings of doc comments, tests
that mirror the sources, expectations with one cause each, and names that were retired.
"""
import os
import re

COLUMNS = 120
# Names that were replaced by the field's words; history may tell of them, code may not.
RETIRED = """
    QueryText QueryUnits SharedUnit QueryReading ShopperQuery Understanding QueryStretches SidewaysPass CountedSegment Stretches
    StretchTable Stretch LoosePhrase LoosePhraseStream LooseMarks TermLooks LikeThis Moment TopHits SegmentChanges PendingChanges
    ChangesFile WritePace MergeLanes BackgroundLane StemMemory RunMemory SealedText Admission LineCutter PinnedViews OracleSupport
    ShopModel ShopScript FuzzShop
    """.split()
RETIRED_NAME = re.compile(r"\b(" + "|".join(RETIRED) + r")\b")
HISTORY = ("CHANGELOG.md", "docs/decisions/", "scripts/lint_prose.py")
OPENING = re.compile(r"^\s*/// (What|Whether|How|Where|Which|Those)\b")
EXPECTATION = re.compile(r"#(?:expect|require)\((?:[^()]|\([^()]*\))* && ")


def markdown(path, text):
    """Lines over 120 columns outside of tables and code, unless they are one word (a link)."""
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        too_long = len(line) > COLUMNS and not in_code and not line.startswith("|")
        if too_long and not re.search(r"\S{60,}", line) and not line.lstrip().startswith(("<", "!")):
            yield number, f"the line has {len(line)} columns, Markdown is wrapped at {COLUMNS}"


def changelog(text):
    """Headings that a version has twice."""
    seen = set()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            seen = set()
        if line.startswith("#"):
            if line in seen:
                yield number, f"the heading \"{line.lstrip('# ')}\" is there already in this version"
            seen.add(line)


def swift(path, text, code):
    """Doc comments that open with a question word, and expectations with several conditions."""
    previous = ""
    for number, line in enumerate(text.splitlines(), 1):
        opening = OPENING.match(line)
        if opening and not previous.lstrip().startswith("///") and path.startswith("Sources/"):
            yield number, f"the doc comment opens with \"{opening[1]}\": open with a noun or a verb"
        previous = line
    if path.startswith("Tests/"):
        for number, line in enumerate(code.splitlines(), 1):
            if EXPECTATION.search(line):
                yield number, "an expectation with several conditions: split it, so that a failure names its cause"


def names(path, code):
    """Retired names."""
    if not path.startswith(HISTORY):
        for number, line in enumerate(code.splitlines(), 1):
            for found in RETIRED_NAME.finditer(line):
                yield number, f"the name {found[1]} was retired (see ARCHITECTURE.md, Words)"


def mirrors(paths):
    """Folders of tests without a folder of sources: Tests/SegmentsTests/Terms mirrors Sources/Segments/Terms."""
    free = ("Durability", "Oracle")  # across several folders of a module
    for path in sorted({os.path.dirname(path) for path in paths if re.match(r"Tests/\w+Tests/\w+/", path)}):
        module, folder = re.match(r"Tests/(\w+)Tests/(\w+)", path).groups()
        if folder not in free and not os.path.isdir(f"Sources/{module}/{folder}"):
            yield path, f"there is no Sources/{module}/{folder}: tests mirror the sources"
