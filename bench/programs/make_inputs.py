#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the benchmark's inputs, the same bytes each time: make_inputs.py DIRECTORY."""

import pathlib
import random
import sys

JSON_RECORDS = 44_000
XML_ROWS = 60_000


def write_json(path):
    """About 8.5 MB of records, as an export of a database has them."""
    chance = random.Random(1)
    with open(path, "w", encoding="utf-8") as f:
        f.write("[\n")
        for i in range(JSON_RECORDS):
            tags = ",".join(f'"tag{chance.randrange(500)}"' for _ in range(chance.randrange(2, 12)))
            f.write(f'{{"id":{i},"name":"customer {chance.randrange(10**6)}",'
                    f'"email":"u{i}@a.org","balance":{chance.randrange(10**7) / 100},'
                    f'"active":{"true" if chance.random() < 0.7 else "false"},"tags":[{tags}],'
                    f'"address":{{"city":"city {chance.randrange(3000)}",'
                    f'"zip":"{chance.randrange(10**5):05}"}}}}'
                    f'{"," if i < JSON_RECORDS - 1 else ""}\n')
        f.write("]\n")


def write_xml(path):
    """About 7.5 MB of rows with attributes, text and nesting."""
    chance = random.Random(2)
    with open(path, "w", encoding="utf-8") as f:
        f.write('<?xml version="1.0" encoding="UTF-8"?>\n<orders>\n')
        for i in range(XML_ROWS):
            f.write(f'<order id="{i}" state="s{chance.randrange(5)}"><who>{chance.randrange(10**6)}</who>'
                    f'<item sku="A{chance.randrange(10**5)}"><count>{chance.randrange(1, 20)}</count>'
                    f'<price unit="EUR">{chance.randrange(1, 999)}</price></item></order>\n')
        f.write("</orders>\n")


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, write in (("input.json", write_json), ("input.xml", write_xml)):
        if not (directory / name).exists():
            write(directory / (name + ".new"))
            (directory / (name + ".new")).rename(directory / name)


main()
