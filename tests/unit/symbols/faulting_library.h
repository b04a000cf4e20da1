/* SPDX-License-Identifier: MIT
 * What goes wrong in libdw, in a shared library as libdw is one. */
#ifndef HEAPWISE_TESTS_FAULTING_LIBRARY_H
#define HEAPWISE_TESTS_FAULTING_LIBRARY_H

enum way { RETURNS, FAULTS, ASSERTS, ABORTS, KILLED };

void library_goes(enum way way);

#endif
