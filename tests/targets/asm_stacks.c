/* SPDX-License-Identifier: MIT
 * Stacks that hand-written assembly switches, as runtimes of other languages do, with nothing that
 * tells libc or the kernel of it:
 *
 *   asm_switch      saves what a callee saves and goes on where another stack stopped; coroutines
 * on memory from malloc, from mmap, from .bss and from the middle of main's own stack, whose
 *                   outermost frames return to nowhere
 *   asm_call_told   calls a function on another stack, and has unwind information that leads back
 *   asm_call_bare   the same without: only its frame pointer leads back
 *
 * Each of them leaks blocks of sizes of its own. */
#include <sys/mman.h>

#include "own.h"

enum { COROUTINES = 4, ROUNDS = 500, STACK = 32 << 10 };

static struct own own;

void asm_switch(void **save, void *to);
void asm_call_told(void (*function)(void), void *top);
void asm_call_bare(void (*function)(void), void *top);

__asm__(".text\n"
        ".globl asm_switch\n"
        ".type asm_switch, @function\n"
        "asm_switch:\n"
        "    push %rbp\n    push %rbx\n    push %r12\n    push %r13\n    push %r14\n    push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    pop %r15\n    pop %r14\n    pop %r13\n    pop %r12\n    pop %rbx\n    pop %rbp\n"
        "    ret\n"
        ".size asm_switch, . - asm_switch\n"
        ".globl asm_call_told\n"
        ".type asm_call_told, @function\n"
        "asm_call_told:\n"
        "    .cfi_startproc\n"
        "    push %rbp\n"
        "    .cfi_def_cfa_offset 16\n"
        "    .cfi_offset %rbp, -16\n"
        "    mov %rsp, %rbp\n"
        "    .cfi_def_cfa_register %rbp\n"
        "    mov %rsi, %rsp\n"
        "    call *%rdi\n"
        "    mov %rbp, %rsp\n"
        "    pop %rbp\n"
        "    .cfi_def_cfa %rsp, 8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size asm_call_told, . - asm_call_told\n"
        ".globl asm_call_bare\n"
        ".type asm_call_bare, @function\n"
        "asm_call_bare:\n"
        "    push %rbp\n    mov %rsp, %rbp\n    mov %rsi, %rsp\n"
        "    call *%rdi\n"
        "    mov %rbp, %rsp\n    pop %rbp\n    ret\n"
        ".size asm_call_bare, . - asm_call_bare\n");

static void *main_stack, *stacks[COROUTINES];
static int current;

__attribute__((noinline)) static void inner(int depth) {
    if (depth > 0) {
        inner(depth - 1);
        __asm__ volatile("" ::: "memory");
        return;
    }
    int which = current;
    void *p = own_malloc(&own, 1009 + (size_t)which);
    asm_switch(&stacks[which], main_stack);
    own_free(&own, p, 1009 + (size_t)which);
}

static void coroutine(void) {
    for (int i = 0; i < ROUNDS; i++)
        inner(i % 7);
    own_malloc(&own, 307);
    asm_switch(&stacks[current], main_stack);
    __builtin_trap(); /* nobody comes back */
}

/* A stack that begins in `coroutine`, called from nowhere. */
static void *prepared(char *memory) {
    uint64_t *top = (uint64_t *)((uintptr_t)(memory + STACK) & ~15ull);
    *--top = 0; /* where coroutine would return to */
    *--top = (uint64_t)(uintptr_t)coroutine;
    for (int i = 0; i < 6; i++)
        *--top = 0;
    return top;
}

static void on_told(void) {
    own_malloc(&own, 503);
}

static void on_bare(void) {
    own_malloc(&own, 601);
}

int main(void) {
    static char in_bss[STACK];
    char in_main[STACK];
    char *mapped = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *memory[COROUTINES] = {own_malloc(&own, STACK), mapped, in_bss, in_main};
    for (int i = 0; i < COROUTINES; i++)
        stacks[i] = prepared(memory[i]);
    for (int round = 0; round <= ROUNDS; round++)
        for (current = 0; current < COROUTINES; current++) {
            asm_switch(&main_stack, stacks[current]);
            own_free(&own, own_malloc(&own, 53), 53);
        }
    for (int i = 0; i < COROUTINES; i++)
        for (volatile int n = 0; n < 100; n++) {
            asm_call_told(on_told, memory[i] + STACK);
            asm_call_bare(on_bare, memory[i] + STACK);
        }
    own_print("asm_stacks", &own);
    return 0;
}
