/* SPDX-License-Identifier: MIT
 * Perf maps as programs write them, and as they should not be. */
#include "symbols/perf_map.h"

#include <fcntl.h>
#include <unistd.h>

#include "../check.h"

static const char *name_at(const char *text, uint64_t address, struct sym_frame_list *list) {
    struct sym_lookup lookup = {.address = address};
    CHECK(sym_perf_map_text(text, strlen(text), &lookup, 1, list) == 0);
    return lookup.count == 0 ? NULL : list->frames[lookup.first].function;
}

static void texts(void) {
    static const char map[] = "1000 100 one\n"
                              "0x2000 0x10 LazyCompile:*two /home/a b.js:12\r\n"
                              "  3000 20   Interpreter: three  \n"
                              "nonsense\n"
                              "4000\n"
                              "4000 10\n"
                              "4000 10 \n"
                              "4000 0 empty\n"
                              "fffffffffffffff0 20 wraps around\n"
                              "123456789abcdef01 10 too long\n"
                              "zz 10 not a number\n"
                              "\n"
                              "1080 10 later inside of one\n"
                              "2008 100 later over the end of two\n"
                              "5000 10 last without a newline";
    struct sym_frame_list list = {0};
    CHECK_STR(name_at(map, 0xfff, &list), NULL);
    CHECK_STR(name_at(map, 0x1000, &list), "one");
    CHECK_STR(name_at(map, 0x107f, &list), "one");
    CHECK_STR(name_at(map, 0x1080, &list), "later inside of one");
    CHECK_STR(name_at(map, 0x1090, &list), "one");
    CHECK_STR(name_at(map, 0x10ff, &list), "one");
    CHECK_STR(name_at(map, 0x1100, &list), NULL);
    CHECK_STR(name_at(map, 0x2000, &list), "LazyCompile:*two /home/a b.js:12");
    CHECK_STR(name_at(map, 0x2008, &list), "later over the end of two");
    CHECK_STR(name_at(map, 0x300f, &list), "Interpreter: three");
    CHECK_STR(name_at(map, 0x4000, &list), NULL);
    CHECK_STR(name_at(map, 0xfffffffffffffff8u, &list), NULL);
    CHECK_STR(name_at(map, 0x500f, &list), "last without a newline");
    CHECK_STR(name_at("", 0x1000, &list), NULL);
    sym_frame_list_release(&list);
}

static void file(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%u.map", (unsigned)getpid());
    struct sym_frame_list list = {0};
    struct sym_lookup lookup = {.address = 0x1001};
    unlink(path);
    CHECK(sym_perf_map_file((uint32_t)getpid(), &lookup, 1, &list) == 0);
    CHECK_EQ_U64(lookup.count, 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) CHECK_SKIP("cannot write to /tmp");
    CHECK(write(fd, "1000 10 jitted\n", 15) == 15);
    close(fd);
    CHECK(sym_perf_map_file((uint32_t)getpid(), &lookup, 1, &list) == 0);
    unlink(path);
    CHECK_EQ_U64(lookup.count, 1);
    CHECK_STR(list.frames[lookup.first].function, "jitted");
    /* A symbolic link could lead to any file. */
    lookup.count = 0;
    CHECK(symlink("/proc/self/maps", path) == 0);
    CHECK(sym_perf_map_file((uint32_t)getpid(), &lookup, 1, &list) == 0);
    unlink(path);
    CHECK_EQ_U64(lookup.count, 0);
    sym_frame_list_release(&list);
}

int main(void) {
    texts();
    file();
    return 0;
}
