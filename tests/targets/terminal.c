/* SPDX-License-Identifier: MIT
 * A program at a terminal: allocates until SIGINT, SIGQUIT or SIGHUP comes, and writes its truth, with how
 * often each signal came, into the file of argument 1 (the terminal may be gone by then). Argument 2 is what
 * it does at SIGTSTP: "stop" as programs do, "ignore", or "catch" and end at the second one. */
#include <fcntl.h>
#include <signal.h>
#include <time.h>

#include "own.h"

static struct own own;
static volatile sig_atomic_t came[65];

static void note(int s) { came[s]++; }

int main(int argc, char **argv) {
    const char *how = argc > 2 ? argv[2] : "stop";
    signal(SIGINT, note);
    signal(SIGQUIT, note);
    signal(SIGHUP, note);
    signal(SIGCONT, note);
    if (strcmp(how, "ignore") == 0) signal(SIGTSTP, SIG_IGN);
    if (strcmp(how, "catch") == 0) signal(SIGTSTP, note);
    own_write("ready\n");
    while (!came[SIGINT] && !came[SIGQUIT] && !came[SIGHUP] && came[SIGTSTP] < 2) {
        for (int j = 0; j < 100; j++) own_free(&own, own_malloc(&own, 1009), 1009);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    nanosleep(&(struct timespec){0, 50000000}, NULL); /* should one more come, it shall be counted */
    if (argc < 2 || dup2(open(argv[1], O_CREAT | O_WRONLY | O_TRUNC, 0600), STDOUT_FILENO) < 0) return 3;
    own_print("terminal", &own);
    char line[80];
    snprintf(line, sizeof line, "INT %d QUIT %d HUP %d TSTP %d\n", (int)came[SIGINT], (int)came[SIGQUIT],
             (int)came[SIGHUP], (int)came[SIGTSTP]);
    own_write(line);
    return 5;
}
