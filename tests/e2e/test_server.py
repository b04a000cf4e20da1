# SPDX-License-Identifier: MIT
"""`heapwise view`: what its server answers, against `report --json`, and whom it refuses."""

from harness import check, equal, record, report, sanitized, target
from serving import Served


@sanitized
def test_the_page_and_its_answers_are_served():
    recorded = record(target("csv_reader"), complaints=True)
    with Served(recorded.main) as served:
        check(served.get("").text().lower().startswith("<!doctype html>"), "the page is no HTML")
        recordings = served.json("api/recordings")
        equal([r["path"] for r in recordings["recordings"]], [str(recorded.main)], "recordings")
        truth, facts = report(recorded.main), served.json("api/0/facts")
        for key in ("schema", "process", "totals", "limits", "modules", "threads", "timeline"):
            equal(facts[key], truth[key], key)
