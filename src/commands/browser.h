/* SPDX-License-Identifier: MIT
 * The person's browser. */
#ifndef HEAPWISE_COMMANDS_BROWSER_H
#define HEAPWISE_COMMANDS_BROWSER_H

/* Opens an address with xdg-open where there is a desktop to show it on, and waits for nothing. The
 * address stands on a command line, which other users of the machine can read. Returns 0 when a
 * browser was asked, -1 when there is none to ask. */
int browser_open(const char *address);

#endif
