/* SPDX-License-Identifier: MIT
 * Captures from a signal handler after every single instruction of ordinary code: prologues,
 * epilogues, calls through the PLT, the loader's lazy binding, and code in assembly whose frames
 * need the complete machine or have no unwind information. */
#include "unit/check.h"
#include "unit/unwind/hook.h"
#include "unwind/verify.h"

#include <alloca.h>
#include <ctype.h>
#include <setjmp.h>
#include <signal.h>

/* CFA in a register that rules do not know. */
int call_with_rbx_frame(int (*callback)(void));
__asm__(".text\n"
        ".type call_with_rbx_frame, @function\n"
        "call_with_rbx_frame:\n"
        "  .cfi_startproc\n"
        "  pushq %rbx\n"
        "  .cfi_def_cfa_offset 16\n"
        "  .cfi_offset 3, -16\n"
        "  movq %rsp, %rbx\n"
        "  .cfi_def_cfa_register 3\n"
        "  subq $128, %rsp\n"
        "  andq $-64, %rsp\n"
        "  call *%rdi\n"
        "  movq %rbx, %rsp\n"
        "  .cfi_def_cfa_register 7\n"
        "  popq %rbx\n"
        "  .cfi_def_cfa_offset 8\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size call_with_rbx_frame, . - call_with_rbx_frame\n");

/* No unwind information, but a frame pointer. */
int call_without_info(int (*callback)(void));
__asm__(".text\n"
        ".type call_without_info, @function\n"
        "call_without_info:\n"
        "  pushq %rbp\n"
        "  movq %rsp, %rbp\n"
        "  subq $32, %rsp\n"
        "  call *%rdi\n"
        "  leave\n"
        "  ret\n"
        "  .fill 32, 1, 0xcc\n" /* a function of its own to any search */
        ".size call_without_info, . - call_without_info\n");

static volatile long steps;
static void on_step(int number) {
    (void)number;
    steps++;
    hook_capture();
}

/* Sets or clears the flag that traps after each instruction. */
void stepping(int on);
__asm__(".text\n"
        ".type stepping, @function\n"
        "stepping:\n"
        "  .cfi_startproc\n"
        "  shll $8, %edi\n"
        "  pushfq\n"
        "  .cfi_def_cfa_offset 16\n"
        "  andq $~0x100, (%rsp)\n"
        "  orq %rdi, (%rsp)\n"
        "  popfq\n"
        "  .cfi_def_cfa_offset 8\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size stepping, . - stepping\n");

static volatile int sink;

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

__attribute__((noinline)) static int with_alloca(int n) {
    volatile char *more = alloca(16 + (size_t)n);
    more[0] = (char)n;
    return more[0] + toupper(more[0]);
}

/* More than six arguments and an aligned local: gcc keeps the CFA in memory. */
__attribute__((noinline)) static int realigned(int a, int b, int c, int d, int e, int f, int g,
                                               int h) {
    _Alignas(64) volatile char frame[64];
    frame[a & 63] = (char)(b + c + d + e + f + g + h);
    return with_alloca(frame[a & 63] & 15);
}

static void ordinary_code(void) {
    int numbers[20];
    char text[100];
    for (int i = 0; i < 20; i++)
        numbers[i] = 7919 * i % 101;
    qsort(numbers, 20, sizeof numbers[0], compare);
    snprintf(text, sizeof text, "%d %s %5.2f", numbers[3], "words", numbers[4] / 7.0);
    sink += (int)strtol(text, NULL, 10) + realigned(1, 2, 3, 4, 5, 6, 7, 8);
    free(malloc(100));
}

static int capture_twice(void) {
    hook_capture();
    return (int)hook_capture() > 0;
}

static int step_ordinary_code(void) {
    stepping(1);
    ordinary_code();
    stepping(0);
    return 1;
}

/* Captures that are interrupted at each of their instructions, by captures. */
static int step_captures(void) {
    stepping(1);
    sink += (int)hook_capture();
    sink += (int)hook_capture();
    stepping(0);
    return 1;
}

/* A handler leaves by siglongjmp at the nth instruction of a capture, for many n: whatever the
 * capture was about to change must not be believed afterwards. */
static sigjmp_buf escape;
static volatile long escape_at;
static void on_escape(int number) {
    (void)number;
    if (--escape_at > 0) return;
    hook_capture();
    siglongjmp(escape, 1);
}
__attribute__((noinline)) static int capture_below(int depth, long n) {
    volatile char frame[48];
    frame[0] = 1;
    if (depth > 0) return capture_below(depth - 1, n) + frame[0];
    if (n > 0) {
        escape_at = n;
        stepping(1);
    }
    hook_capture();
    if (n > 0) stepping(0);
    return frame[0];
}
static void escapes(void) {
    for (volatile long n = 1; n < 1500; n += n < 250 ? 3 : 31) {
        sink += capture_below((int)(n % 7), 0);
        if (sigsetjmp(escape, 1) == 0) sink += capture_below((int)(n % 5), n);
        sink += capture_below((int)(n % 5), 0);
        sink += capture_below((int)(n % 7), 0);
    }
}

int main(void) {
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = on_step, .sa_flags = SA_ONSTACK};
    hook_start();
    uw_verify_use_libunwind(0);
    uw_verify_each_by_machine();
    CHECK(sigaltstack(&alternate, NULL) == 0 && sigaction(SIGTRAP, &action, NULL) == 0);

    step_ordinary_code();
    CHECK(steps > 2000);
    hook_check("instructions", 2000);
    step_ordinary_code();
    hook_check("again", 2000);
    step_captures();
    hook_check("captures", 500);

    uint64_t slow = hook_counters.captures_slow;
    sink += call_with_rbx_frame(capture_twice);
    CHECK(hook_counters.captures_slow >= slow + 2);
    call_with_rbx_frame(step_ordinary_code);
    hook_check("rbx frame", 2000);

    uint64_t guessed = hook_counters.captures_guessed;
    sink += call_without_info(capture_twice);
    CHECK(hook_counters.captures_guessed >= guessed + 2);
    CHECK_EQ_U64(hook_counters.captures_truncated, 0);
    call_without_info(step_ordinary_code);
    hook_check("no info", 2000);
    CHECK_EQ_U64(hook_counters.captures_truncated, 0);

    action.sa_handler = on_escape;
    CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
    escapes();
    action.sa_flags = 0; /* and on the stack itself */
    CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
    escapes();
    CHECK_EQ_U64(hook_counters.captures_truncated, 0);
    hook_check("escapes", 800);
    return 0;
}
