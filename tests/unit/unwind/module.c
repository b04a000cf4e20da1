/* SPDX-License-Identifier: MIT
 * Two libraries are made of this file, with the same code at the same places but frames of
 * different sizes: whoever keeps what it knows of one when the other is loaded in its place walks
 * wrongly. */
#ifndef MODULE_FRAME
#error "the build says how large the frame is"
#endif

int module_entry(int (*callback)(int), int depth);

__attribute__((noinline)) static int inner(int (*callback)(int), int depth) {
    volatile char frame[MODULE_FRAME * 2];
    frame[depth] = 1;
    return callback(depth) + frame[depth];
}

__attribute__((visibility("default"), noinline)) int module_entry(int (*callback)(int), int depth) {
    volatile char frame[MODULE_FRAME];
    frame[depth] = 1;
    int result = depth > 0 ? module_entry(callback, depth - 1) : inner(callback, depth);
    return result + frame[depth];
}
