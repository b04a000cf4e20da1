/* SPDX-License-Identifier: MIT
 * Who may ask: pages of other sites must not, whatever name they give this machine (DNS rebinding),
 * and nobody may who does not know the token. */
#ifndef HEAPWISE_SERVER_GATE_H
#define HEAPWISE_SERVER_GATE_H

#include "base/failure.h"

#define GATE_TOKEN_BITS 128
#define GATE_TOKEN_TEXT (GATE_TOKEN_BITS / 4 + 1)

/* Makes a random token, in hexadecimal digits. */
int gate_token_make(char token[GATE_TOKEN_TEXT], struct failure *f);
/* Takes as long for a wrong guess as for a nearly right one. */
int gate_token_is(const char token[GATE_TOKEN_TEXT], const char *guess);

/* Whether a Host header names this machine's loopback: 127.0.0.1, localhost or [::1], with or
 * without a port. Which port does not matter, for `ssh -L` may put another one before ours; the
 * name is what tells a rebound address. NULL is refused. */
int gate_host_is_loopback(const char *host);

#endif
