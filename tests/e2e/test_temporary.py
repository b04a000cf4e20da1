# SPDX-License-Identifier: MIT
"""Temporary blocks, which are told by block and thread and never by size and stack."""

from harness import each, equal, record, target, through


@each("rolling_pair", "true_temporaries", "resized_temporaries", "freed_elsewhere")
def test_function(name):
    run = record(target("temporary"))
    equal(through(run.report(), name)["temporary"], run.json()[name], f"temporary blocks of {name}")
