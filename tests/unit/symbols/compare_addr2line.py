#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the symbolizer with binutils' addr2line, which shares no code with it.

compare_addr2line.py PROBE WORKDIR: builds programs in every way that matters (compilers, DWARF
versions, inlining, split and separate debug information) and asks both about hundreds of
instructions of each. A few differences are known and right; they are listed in `same`.
Exit status 0: all alike, 1: not, 77: addr2line or g++ is missing.
"""
import ctypes
import os
import random
import re
import shutil
import subprocess
import sys

C_SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static inline int twice(int x) { return x * 2 + (int)strlen(getenv("HOME") ? "a" : "bb"); }
static inline __attribute__((always_inline)) int deep(int x) {
    int y = twice(x);
    if (y > 3) { int z = twice(y); printf("%d\n", z); return z; }
    return y;
}
static __attribute__((noinline)) void *make(size_t n) {
    void *p = malloc(n + (size_t)deep((int)n));
    if (p == NULL) abort();
    return p;
}
int work(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) { char *p = make((size_t)i); p[0] = (char)i; sum += p[0]; free(p); }
    return sum;
}
int main(int argc, char **argv) { (void)argv; return work(argc * 10) == 12345; }
"""

CXX_SOURCE = r"""
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>
namespace outer { namespace {
template <typename T> struct Box {
    std::vector<T> items;
    explicit Box(size_t n) : items(n) {}
    T total() const { T sum{}; for (auto &i : items) sum += i; return sum; }
};
} // namespace
inline namespace v1 { struct Shape { virtual ~Shape() {} virtual double area() const = 0; }; }
struct Square : Shape {
    double side; std::string name;
    Square(double s, std::string n) : side(s), name(std::move(n)) {}
    double area() const override { return side * side; }
};
std::string describe(const std::map<std::string, std::unique_ptr<Shape>> &shapes) {
    std::string out;
    for (const auto &[name, shape] : shapes) out += name + "=" + std::to_string(shape->area()) + ";";
    return out;
}
} // namespace outer
extern "C" int plain_entry(int n) { return n > 2 ? plain_entry(n - 1) + n : 1; }
int main(int argc, char **) {
    std::map<std::string, std::unique_ptr<outer::Shape>> shapes;
    for (int i = 0; i < argc * 5; i++)
        shapes["shape" + std::to_string(i)] = std::make_unique<outer::Square>(i, "square");
    std::vector<int> values(argc * 100);
    std::generate(values.begin(), values.end(), [n = 7]() mutable { return n = n * 31 % 101; });
    std::sort(values.begin(), values.end(), [](int a, int b) { return a > b; });
    std::function<int(int)> f = [&](int x) { return values[x] + plain_entry(x); };
    outer::Box<double> box(10);
    struct Local { static int twice(int x) { return x * 2; } int run(int y) { std::string s(y, 'x'); return s.size(); } } local;
    std::cout << outer::describe(shapes) << f(3) << box.total() << Local::twice(4) << local.run(argc) << "\n";
}
"""

RUST_SOURCE = r"""
use std::collections::HashMap;
trait Shape { fn area(&self) -> f64; }
struct Square { side: f64, name: String }
impl Shape for Square { fn area(&self) -> f64 { self.side * self.side + self.name.len() as f64 } }
mod inner {
    pub fn build<T: Clone>(item: T, n: usize) -> Vec<T> { let mut v = Vec::new(); for _ in 0..n { v.push(item.clone()); } v }
}
fn main() {
    let mut map: HashMap<String, Box<dyn Shape>> = HashMap::new();
    for i in 0..std::env::args().count() * 3 { map.insert(format!("k{}", i), Box::new(Square { side: i as f64, name: "sq".to_string() })); }
    let mut areas: Vec<f64> = map.values().map(|s| s.area()).filter(|a| *a > 0.5).collect();
    areas.sort_by(|a, b| b.partial_cmp(a).unwrap());
    println!("{:?} {:?}", areas, inner::build("x".to_string(), 3));
}
"""


def builds():
    """(name, commands) of each program; {x} is the program's path without an ending."""
    gcc = "gcc {flags} -o {x} c.c"
    gxx = "g++ -std=c++17 {flags} -o {x} cxx.cc"
    flags = {
        "O0": "-g -O0",
        "O2": "-g -O2",
        "dwarf5": "-gdwarf-5 -O2",
        "dwarf4": "-gdwarf-4 -O2",
        "dwarf3": "-gdwarf-3 -gstrict-dwarf -O2",
        "nopie": "-g -O2 -no-pie",
        "static": "-g -O2 -static",
        "sections": "-g -O2 -ffunction-sections -fdata-sections -Wl,--gc-sections",
        "compressed": "-g -O2 -gz",
        "lto": "-g -O2 -flto",
        "types": "-g -O2 -fdebug-types-section",
        "split5": "-gdwarf-5 -O2 -gsplit-dwarf",
        "split4": "-gdwarf-4 -O2 -gsplit-dwarf",
    }
    for name, text in flags.items():
        if name == "static":
            yield "c-" + name, [gcc.replace("{flags}", text)], {}
            continue
        yield "c-" + name, [gcc.replace("{flags}", text)], {}
        yield "cxx-" + name, [gxx.replace("{flags}", text)], {}
    for name in ("dwarf5", "dwarf4", "O0"):
        yield "clang-c-" + name, [gcc.replace("gcc", "clang").replace("{flags}", flags[name])], {}
        yield "clang-cxx-" + name, [gxx.replace("g++", "clang++").replace("{flags}", flags[name])], {}
    yield from separate_builds(gxx)
    for name, extra in (("legacy", ""), ("v0", "-C symbol-mangling-version=v0")):
        for opt in ("0", "3"):
            yield f"rust-{name}-{opt}", [f"rustc -g -C opt-level={opt} {extra} -o {{x}} r.rs"], {}


def has_library(name):
    try:
        ctypes.CDLL(name)
        return True
    except OSError:
        return False


def separate_builds(gxx):
    """Debug information in other files; their truth is the program before it was stripped."""
    whole = [gxx.replace("{flags}", "-g -O2 -Wl,--build-id"), "cp {x} {x}.truth", "strip {x}"]
    identify = "id=$(readelf -n {x} | sed -n s/.*Build.ID:.//p); head=$(echo $id | cut -c1-2);"
    split = "objcopy --only-keep-debug {x}.truth "
    yield "cxx-by-link", [
        gxx.replace("{flags}", "-g -O2 -Wl,--build-id=none"), "cp {x} {x}.truth",
        "objcopy --only-keep-debug {x} {x}.debug", "strip {x}",
        "objcopy --add-gnu-debuglink={x}.debug {x}"], {"truth": "{x}.truth"}
    yield "cxx-by-id", whole + [
        identify + "mkdir -p d/.build-id/$head;" +
        split + "d/.build-id/$head/$(echo $id | cut -c3-).debug"], {"truth": "{x}.truth", "options": ["-d", "d"]}
    yield "cxx-by-name", whole + ["mkdir -p n; " + split + "n/{x}.debug"], {"truth": "{x}.truth", "options": ["-d", "n"]}
    if has_library("libdebuginfod.so.1"):
        here = os.getcwd()
        yield "cxx-by-server", whole + [
            identify + "mkdir -p s/buildid/$id; " + split + "s/buildid/$id/debuginfo"], {
                "truth": "{x}.truth", "options": ["-w"],
                "environment": {"DEBUGINFOD_URLS": f"file://{here}/s",
                                "DEBUGINFOD_CACHE_PATH": f"{here}/cache"}}
    if shutil.which("xz"):
        yield "cxx-mini", whole + [
            split + "{x}.mini", "objcopy -S --wildcard --keep-symbol='*' -R .comment {x}.mini",
            "xz -f {x}.mini", "objcopy --add-section .gnu_debugdata={x}.mini.xz {x}",
            "strip -g -o {x}.names {x}.truth"], {"truth": "{x}.names"}
    if shutil.which("dwz"):
        yield "cxx-dwz", [
            gxx.replace("{flags}", "-g -O2"), "cp {x} {x}.truth", "cp {x} {x}.other",
            "dwz -m {x}.common {x} {x}.other"], {"truth": "{x}.truth"}


def text_addresses(path, count):
    out = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-j", ".text", path],
                         capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\s*([0-9a-f]+):\t", out, re.M)
    random.seed(7)
    return sorted(set(random.sample(found, min(count, len(found)))))


def frames(text):
    answers, frame = {}, None
    for line in text.splitlines():
        if re.fullmatch(r"0x[0-9a-f]+", line):
            own = answers.setdefault(int(line, 16), [])
            frame = None
        elif frame is None:
            frame = line
        else:
            own.append((frame, re.sub(r" \(discriminator \d+\)$", "", line)))
            frame = None
    return answers


def ask(command, addresses, environment=None):
    return frames(subprocess.run(command, input=addresses, capture_output=True, text=True,
                                 check=True, env={**os.environ, **(environment or {})}).stdout)


def clean_path(place):
    path, _, line = place.rpartition(":")
    return os.path.normpath(path) if path != "??" else path, "?" if line in ("0", "?") else line


def same(ours, theirs, symbols, address):
    if all(f == "??" for f, _ in ours) and not symbols.covers(address):
        return True  # addr2line gives the bytes between two functions to the one before
    if len(ours) != len(theirs):
        return False
    for i, ((f, p), (g, q)) in enumerate(zip(ours, theirs)):
        # addr2line takes an innermost inlined function without a linkage name for the outermost one.
        symbol_for_inlined = i == 0 and len(theirs) > 1 and g == theirs[-1][0]
        # Of the function that stands there the symbol says more than a name without scopes.
        symbol_for_plain = i == len(theirs) - 1 and f in symbols.names_at(address)
        # llvm-addr2line takes the symbol of a part that was split off: work.cold is in work.
        if f != g and f not in symbols.aliases.get(g, ()) and not f.endswith("::" + g) and g != "??":
            if not symbol_for_inlined and not symbol_for_plain and not g.startswith(f + "."):
                return False
        if clean_path(p) != clean_path(q) and not (clean_path(p)[1] == clean_path(q)[1] == "?"):
            return False
    return True


class Symbols:
    """What nm knows: names of one address, of which each tool may choose another, and sizes."""

    def __init__(self, path):
        out = subprocess.run(["nm", "-S", path], capture_output=True, text=True).stdout
        by_address, self.ranges = {}, []
        for line in out.splitlines():
            match = re.match(r"([0-9a-f]{16}) ([0-9a-f]{16} )?[tTwWiVuU] (.*)", line)
            if match is None:
                continue
            by_address.setdefault(match[1], set()).add(match[3].split("@")[0])
            start = int(match[1], 16)
            end = start + (int(match[2], 16) if match[2] else 0)
            self.ranges.append((start, end, match[3].split("@")[0]))
        self.aliases = {name: names for names in by_address.values() for name in names}

    def covers(self, address):
        return any(start <= address < end for start, end, _ in self.ranges)

    def names_at(self, address):
        return {name for start, end, name in self.ranges if start <= address < end}


def main():
    probe, work = os.path.abspath(sys.argv[1]), sys.argv[2]
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    if shutil.which("addr2line") is None or shutil.which("g++") is None:
        return 77
    os.makedirs(work, exist_ok=True)
    os.chdir(work)
    for name, text in (("c.c", C_SOURCE), ("cxx.cc", CXX_SOURCE), ("r.rs", RUST_SOURCE)):
        with open(name, "w") as f:
            f.write(text)
    bad = 0
    for name, commands, more in builds():
        if only not in name:
            continue
        tool = commands[0].split()[0]
        if shutil.which(tool) is None:
            print(f"{name}: skipped, no {tool}")
            continue
        for command in commands:
            subprocess.run(command.replace("{x}", "./" + name), shell=True, check=True)
        truth = more.get("truth", "{x}").replace("{x}", "./" + name)
        addresses = text_addresses(truth, 400)
        given = "\n".join(addresses) + "\n"
        tools = ["addr2line", "llvm-addr2line"]
        if re.search("lto|types|split|clang.*5", name):
            tools.pop(0)  # binutils 2.40 does not follow these
        tools = [tool for tool in tools if shutil.which(tool)]
        ours = ask([probe, *more.get("options", []), os.path.abspath(name)], given,
                   more.get("environment"))
        wrong, symbols = [int(a, 16) for a in addresses], Symbols(truth)
        for tool in tools:  # each has errors of its own: what one of them says too is right
            theirs = ask([tool, "-a", "-f", "-i", "-e", truth], given)
            wrong = [a for a in wrong if not same(ours.get(a, []), theirs[a], symbols, a)]
        if not tools:
            print(f"{name}: skipped, no llvm-addr2line")
            continue
        inlined = sum(len(f) - 1 for f in ours.values())
        print(f"{name}: {len(addresses)} addresses, {inlined} inlined frames, {len(wrong)} differ")
        for a in wrong[:int(os.environ.get("SHOW", "3"))]:
            print(f"  {a:#x}\n    ours   {ours.get(a)}\n    theirs {theirs[a]}")
        bad += len(wrong)
    print("all alike" if bad == 0 else f"{bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
