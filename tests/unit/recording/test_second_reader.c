/* SPDX-License-Identifier: MIT
 * The reader written from the specification alone reads what the writer writes, and counts the same.
 * Its path is the first argument. */
#include "unit/recording/sample.h"

#include <sys/wait.h>
#include <unistd.h>

/* Exit status of a command whose output is thrown away; 127 when it cannot be run. */
static int run(const char *const *command) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL) _exit(1);
        execvp(command[0], (char *const *)command);
        _exit(127);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    if (run((const char *[]){"python3", "--version", NULL}) != 0 ||
        run((const char *[]){"zstd", "--version", NULL}) != 0)
        CHECK_SKIP("python3 and zstd are needed");
    char *path = sample_path("recording");
    for (int style = 0; style < SAMPLE_STYLES; style++) {
        struct sample s;
        sample_make(&s, style, 6000, 31 + (uint64_t)style);
        sample_write(&s, path, &(struct sample_options){.symbols = 1, .flush_every = 2500,
                                                        .snapshot_every = 4000});
        int status = run((const char *[]){"python3", argv[1], path, NULL});
        if (status != 0) fprintf(stderr, "style %d\n", style);
        CHECK_EQ_I64(status, 0);
        sample_free(&s);
    }
    free(path);
    return 0;
}
