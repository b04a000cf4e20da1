# SPDX-License-Identifier: MIT
"""A crowd of real programs, as they are used: each prints, leaves and says the same as alone, children included.
Nobody counts here; other tests do. It is for what nobody thought of, as ar's plugin in C++ was."""

import pathlib
import shutil

from harness import check, each, equal, limit, run, same_as_alone, skip

PROGRAMS = {
    "ar": "ar rc a.a a.o && ar t a.a && nm -C a.o && ranlib a.a",
    "binutils": "objdump -d a.out | wc -l; readelf -a a.out | wc -l; strip -o s.out a.out; size a.out",
    "gcc": "gcc -O2 -o c.out a.c && ./c.out",
    "gcc -flto": "gcc -O2 -flto -o c.out a.c && ./c.out",
    "g++": "g++ -x c++ -O1 -o c.out a.c && ./c.out",
    "clang": "clang -O1 -o c.out a.c && ./c.out",
    "llvm-objdump-14": "llvm-objdump-14 -d a.out | wc -l; llvm-dwarfdump-14 a.out | wc -l",
    "dot": "dot -Tsvg g.dot",
    "protoc": "protoc --cpp_out=. x.proto && wc -l x.pb.h",
    "xz": "xz -k -T2 t.txt && xz -dc t.txt.xz | md5sum",
    "zstd": "zstd -q -T2 t.txt -o t.zst && zstd -dqc t.zst | md5sum",
    "tar": "tar czf t.tgz t.txt && tar tvf t.tgz | wc -l",
    "sort": "sort --parallel=2 -S1M t.txt | md5sum",
    "awk": "awk '{s+=$2} END {print s}' t.txt | sed s/1/x/ | grep -c x",
    "bash": "bash -c 'x=$(seq 1 100 | tail -1); echo $x; (exit 4); echo $?; exec 3>f; kill -TERM $$'",
    "xargs": "seq 1 40 | xargs -P4 -n1 echo | sort -n",
    "find": "find /usr/share/doc -maxdepth 1 -name 'lib*' -exec echo {} + | md5sum",
    "dpkg": "dpkg -l | wc -l; apt-cache policy bash | head -1",
    "git": "git init -q r; cd r; cp ../a.c .; git add a.c && git status --short && git grep -c int && rm -rf .git",
    "perl": "perl -MPOSIX -MData::Dumper -MEncode -e 'print Dumper({a=>[1,2]}); exit 3'",
    "perl threads": "perl -Mthreads -e '$_->join for map { threads->create(sub { my %h = map { $_ => 1 } 1..999 }) } "
                    "1..4'",
    "python3 modules": "/usr/bin/python3 -c 'import ssl, ctypes, sqlite3, decimal, zlib, lzma, hashlib, curses; "
                       "print(hashlib.md5(bytes(9)).hexdigest())'",
    "python3 processes": "/usr/bin/python3 -c 'import multiprocessing as m; print(m.Pool(3).map(abs, range(-5, 5)))'",
    "python3 threads": "/usr/bin/python3 -c 'import concurrent.futures as c; "
                       "print(list(c.ThreadPoolExecutor(8).map(abs, range(-50, 50))))'",
    "python3 spawned": "/usr/bin/python3 -c 'import multiprocessing as m; m.set_start_method(\"spawn\"); "
                       "p = m.Process(target=print, args=(5,)); p.start(); p.join(); print(p.exitcode)'",
    "node workers": "node -e \"const {Worker} = require('worker_threads'); for (let i = 0; i < 4; i++) "
                    "new Worker('let a = []; for (let i = 0; i < 1e4; i++) a.push({i})', {eval: true})"
                    ".on('exit', c => process.stdout.write(c + '.'))\"",
    "gdb": "gdb -q -nx -batch -ex 'set debuginfod enabled off' -ex 'info line main' a.out",
    "valgrind": "valgrind -q ./a.out",
    "openssl": "openssl rand -hex 9 | wc -c; openssl dgst -md5 t.txt; openssl version | cut -c1-7",
    "script": "script -qec 'echo hi; exit 5' /dev/null",
    "setsid": "setsid -w sh -c 'echo hi; kill -9 $$'; echo $?",
    "timeout": "timeout -s KILL 0.3 sleep 9; echo $?",
    "stdbuf": "stdbuf -oL echo hi; env -u A nice -n 1 nohup echo hi",
    "flock": "flock t.txt echo hi; taskset 1 echo hi; prlimit --nofile=10 echo hi",
    "jq": "jq -n '[range(1000)] | add'",
    "sqlite3": "sqlite3 :memory: 'create table t(a); insert into t values (1); select * from t'",
    "fc-list": "fc-list | wc -l",
    "file": "file a.out a.c t.txt",  # this and man put themselves under a seccomp filter
    "man": "man -P cat ls | wc -l",
}


@limit(200)
@each(*PROGRAMS)
def test_of(name):
    command = PROGRAMS[name]
    program = command.split()[0]
    if shutil.which(program) is None:
        skip(f"{program} is not installed")
    pathlib.Path("a.c").write_text("#include <stdio.h>\nint main(void) { puts(\"hi\"); return 3; }\n")
    pathlib.Path("g.dot").write_text("digraph g { a -> b; b -> c; c -> a; }\n")
    pathlib.Path("x.proto").write_text('syntax = "proto3"; message M { int32 a = 1; }\n')
    pathlib.Path("t.txt").write_text("".join(f"line {i * 7919 % 1009}\n" for i in range(20000)))
    equal(run("/bin/sh", "-c", "gcc -g -o a.out a.c && gcc -c a.c").status, 0, "gcc")
    recorded = same_as_alone("/bin/sh", "-c", command, options=["--no-symbols"], complaints=True, seconds=100)
    check(len(recorded.complaints) <= 1, f"lines: {recorded.complaints}")
