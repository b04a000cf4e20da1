# SPDX-License-Identifier: MIT
"""The fuzzers for a moment each: over their committed corpus, and on from it in the same way every time."""

import os
import pathlib
import re

from harness import ROOT, check, each, equal, limit, not_sanitized, run, skip

FUZZERS = pathlib.Path(os.environ.get("HEAPWISE_FUZZERS", ROOT / "build-fuzz")) / "tests/fuzz"
CORPUS = ROOT / "tests/fuzz/corpus"


@not_sanitized("fuzzers have a build of their own, with sanitizers")
@limit(200)
@each("recording", "questions", "region", "requests", "texts", "heaptrack", "massif", "dhat", "heap_dump", "pprof",
      "collapsed")
def test_smoke(name):
    fuzzer = FUZZERS / f"fuzz_{name}"
    if not fuzzer.exists():
        skip("the fuzzers are not built (no clang?)")
    seeds = CORPUS / name if (CORPUS / name).exists() else CORPUS / "import"
    count = sum(1 for _ in seeds.iterdir())
    check(count >= 5, f"{count} files in {seeds}")
    os.mkdir("new")
    runs = count + (40 if name in ("region", "questions") else 400)
    done = run(fuzzer, f"-runs={runs}", "-seed=1", "-max_len=4096", "-timeout=60", "-rss_limit_mb=2048", "new", seeds,
               seconds=190)
    equal(done.status, 0, f"what broke: {done.stderr[-4000:]}")
    found = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    check(found and int(found.group(1)) >= runs, f"it ran: {done.stderr[-1000:]}")
