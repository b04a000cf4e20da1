# SPDX-License-Identifier: MIT
# json load and dump, with PYTHONMALLOC=malloc so that each object is an allocation of its own.
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    records = json.load(f)
text = json.dumps(records)
print(len(text), json.loads(text) == records)
