/* SPDX-License-Identifier: MIT
 * Tokens and hosts. See gate.h. */
#include "server/gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

int gate_token_make(char token[GATE_TOKEN_TEXT], struct failure *f) {
    unsigned char bytes[GATE_TOKEN_BITS / 8];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return failure_set_errno(f, errno, "cannot make a random token");
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

int gate_token_is(const char token[GATE_TOKEN_TEXT], const char *guess) {
    if (strlen(guess) != GATE_TOKEN_TEXT - 1) return 0;
    volatile unsigned char differs = 0;
    for (size_t i = 0; i < GATE_TOKEN_TEXT - 1; i++)
        differs = (unsigned char)(differs | (token[i] ^ guess[i]));
    return differs == 0;
}

int gate_host_is_loopback(const char *host) {
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    if (host == NULL) return 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (strncasecmp(host, names[i], length) != 0) continue;
        const char *rest = host + length;
        if (*rest == '\0') return 1;
        size_t digits = *rest == ':' ? strspn(rest + 1, "0123456789") : 0;
        return digits >= 1 && digits <= 5 && rest[1 + digits] == '\0';
    }
    return 0;
}
