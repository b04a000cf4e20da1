/* SPDX-License-Identifier: MIT
 * Captures, all verified, in programs that do to their stacks whatever can be done. */
#include "core/atomics.h"
#include "unit/check.h"
#include "unit/unwind/hook.h"
#include "unwind/verify.h"

#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

static uint32_t seed = 12345;
static uint32_t next_random(void) {
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

static volatile int sink;

/* Timer signals, `storm_microseconds` after one another, 0: none. The timer goes off once, and is
 * wound up again by the handler, up to STORM_LEVELS handlers deep, else by the program: a timer
 * that repeats would fill the small stacks here when the machine is slower than it is. */
enum { STORM_LEVELS = 4 };
static volatile int storm_microseconds, storm_is_wound, storm_level;
static void wind_up(void) {
    storm_is_wound = 1;
    struct itimerval once = {.it_value.tv_usec = storm_microseconds};
    setitimer(ITIMER_REAL, &once, NULL);
}
static void keep_storm(void) {
    if (storm_microseconds != 0 && !storm_is_wound) wind_up();
}

/* Mutually recursive functions with frames of several kinds, calling each other as `choices` says.
 */
typedef int function(uint32_t choices, int depth);
static function small, large, by_alloca, realigned, with_frame_pointer;
static function *const functions[] = {small, large, by_alloca, realigned, with_frame_pointer};

static int go(uint32_t choices, int depth) {
    if (depth == 0) {
        hook_capture();
        if (choices & 1) hook_capture();
        return 1;
    }
    return functions[choices % 5](choices * 2654435761u + 1, depth - 1);
}
__attribute__((noinline)) static int small(uint32_t choices, int depth) {
    return go(choices, depth) + 1;
}
__attribute__((noinline)) static int large(uint32_t choices, int depth) {
    volatile char frame[3000];
    frame[choices % 3000] = 1;
    int result = go(choices, depth);
    if (depth % 3 == 0) hook_capture();
    return result + frame[choices % 3000];
}
__attribute__((noinline)) static int by_alloca(uint32_t choices, int depth) {
    volatile char *frame = alloca(16 + choices % 500);
    frame[0] = 1;
    return go(choices, depth) + frame[0];
}
/* More than six arguments and an aligned local: gcc keeps the CFA in memory. */
__attribute__((noinline)) static int realigned_body(int a, int b, int c, int d, int e, int f, int g,
                                                    int h, uint32_t choices, int depth) {
    _Alignas(64) volatile char frame[128];
    volatile char *more = alloca(16 + choices % 100);
    frame[0] = (char)(a + b + c + d + e + f), more[0] = (char)(g + h);
    return go(choices, depth) + frame[0] + more[0];
}
__attribute__((noinline)) static int realigned(uint32_t choices, int depth) {
    return realigned_body(1, 2, 3, 4, 5, 6, 7, depth, choices, depth) + 1;
}
__attribute__((noinline)) static int with_frame_pointer(uint32_t choices, int depth) {
    volatile uint64_t *frame = __builtin_frame_address(0); /* forces one */
    volatile int keep = depth + (frame == NULL);
    return go(choices, depth) + keep;
}

static void plain(int count) {
    for (int i = 0; i < count; i++) {
        keep_storm();
        sink += go(next_random(), (int)(next_random() % 40));
    }
}

/* The same frames at the same places, called from two places far out: only the outermost word
 * tells. */
__attribute__((noinline)) static int below(int depth) {
    volatile char frame[40];
    frame[0] = 1;
    if (depth > 0) return below(depth - 1) + frame[0];
    hook_capture();
    hook_capture();
    return frame[0];
}
static void siblings(void) {
    for (int i = 0; i < 30; i++) {
        sink += below(25);
        if (i % 3 == 0) sink += below(25);
    }
}

/* A node is asked for once. Another thread gets it with the block: a path has the same node whoever
 * takes it. After fork it means nothing any more, and is asked for again. */
static void nodes(void) {
    uint32_t node[5];
    uint64_t resolved[5];
    for (volatile int i = 0; i < 5; i++) {
        if (i == 4) uw_resolve_in(&resolved, &hook_counters);
        if (i == 2 || i == 4) uw_thread_reset(hook_thread);
        node[i] = hook_capture();
        resolved[i] = hook_resolved;
        CHECK(node[i] == node[0]);
    }
    CHECK_EQ_U64(resolved[1], resolved[0]);
    CHECK_EQ_U64(resolved[2], resolved[1]);
    CHECK_EQ_U64(resolved[3], resolved[2]);
    CHECK_EQ_U64(resolved[4], resolved[3] + 1);
}

static jmp_buf jump;
__attribute__((noinline)) static void dive_and_jump(uint32_t choices, int depth) {
    volatile char frame[100];
    frame[0] = 1;
    if (depth > 0) dive_and_jump(choices, depth - 1);
    sink += go(choices, 5) + frame[0];
    if (frame[0]) longjmp(jump, 1);
}
static void jumps(int count) {
    for (volatile int i = 0; i < count; i++) {
        keep_storm();
        if (setjmp(jump) == 0) dive_and_jump(next_random(), (int)(next_random() % 20));
        hook_capture();
    }
}

/* Coroutines on stacks from malloc and mmap, made and unmapped all the time. */
enum { COROUTINES = 12, STACK_BYTES = 64 << 10 };
static struct coroutine {
    ucontext_t context;
    char *stack;
    int mapped, done;
} coroutines[COROUTINES];
static ucontext_t scheduler;

static int dive_and_yield(struct coroutine *c, uint32_t choices, int depth) {
    volatile char frame[64];
    frame[0] = 1;
    if (depth > 0) return dive_and_yield(c, choices, depth - 1) + frame[0];
    for (int i = 0; i < 3; i++) {
        sink += go(choices + (uint32_t)i, 3);
        swapcontext(&c->context, &scheduler);
        hook_capture();
    }
    return frame[0];
}
static void coroutine_main(int number) {
    struct coroutine *c = &coroutines[number];
    for (int i = 0; i < 3; i++)
        sink += dive_and_yield(c, next_random(), (int)(next_random() % 30));
    c->done = 1;
    swapcontext(&c->context, &scheduler);
}
static void coroutine_make(int number) {
    struct coroutine *c = &coroutines[number];
    c->mapped = next_random() & 1;
    c->stack = c->mapped ? mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                         : malloc(STACK_BYTES);
    CHECK(c->stack != NULL && c->stack != MAP_FAILED);
    c->done = 0;
    getcontext(&c->context);
    c->context.uc_stack.ss_sp = c->stack;
    c->context.uc_stack.ss_size = STACK_BYTES;
    makecontext(&c->context, (void (*)(void))(void *)coroutine_main, 1, number);
}
static void coroutine_free(struct coroutine *c) {
    if (c->mapped)
        munmap(c->stack, STACK_BYTES);
    else
        free(c->stack);
    c->stack = NULL;
}
static void switches(int count) {
    for (int i = 0; i < COROUTINES; i++)
        coroutine_make(i);
    for (int i = 0; i < count; i++) {
        keep_storm();
        int number = (int)(next_random() % COROUTINES);
        struct coroutine *c = &coroutines[number];
        swapcontext(&scheduler, &c->context);
        if (c->done) {
            coroutine_free(c);
            coroutine_make(number);
        }
    }
    for (int i = 0; i < COROUTINES; i++)
        coroutine_free(&coroutines[i]);
}

/* A storm of timer signals that interrupt anything, on an alternate stack, with signals in signals.
 */
static volatile long signals;
static void on_alarm(int number) {
    (void)number;
    signals++;
    storm_is_wound = 0;
    if (++storm_level < STORM_LEVELS) wind_up();
    hook_capture();
    if (signals % 4 == 0) raise(SIGUSR1);
    storm_level--;
}
static void on_user(int number) {
    (void)number;
    sink += go((uint32_t)signals, 2);
}
static void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    CHECK(sigaction(number, &action, NULL) == 0);
}
static void use_alternate_stack(void) {
    static char stack[STACK_BYTES];
    stack_t alternate = {.ss_sp = stack, .ss_size = STACK_BYTES};
    CHECK(sigaltstack(&alternate, NULL) == 0);
}
static void storm(int microseconds) {
    storm_microseconds = microseconds;
    wind_up();
}

/* A handler that interrupts a capture, captures itself, and so on: four levels are exact, beyond
 * them a capture says that it was lost. */
static volatile int nesting, deepest;
static uint32_t nested_nodes[8];
static void capture_in_capture(void) {
    if (nesting >= 6) return;
    nesting++;
    if (nesting > deepest) deepest = nesting;
    raise(SIGUSR2);
    nesting--;
}
static void on_nested(int number) {
    (void)number;
    int level = nesting;
    nested_nodes[level] = hook_capture();
}
static void nested(int count) {
    for (int i = 0; i < count; i++) {
        hook_in_resolver = capture_in_capture;
        sink += go(next_random() | 0x1000000u * (uint32_t)i, 3);
        hook_in_resolver = NULL;
    }
}

/* A handler that interrupts a capture and leaves by siglongjmp: the capture never ends. */
static sigjmp_buf escape;
static void escape_from_capture(void) {
    hook_in_resolver = NULL;
    raise(SIGTERM);
}
static void on_escape(int number) {
    (void)number;
    hook_capture();
    siglongjmp(escape, 1);
}
static void escapes(int count) {
    for (volatile int i = 0; i < count; i++) {
        if (sigsetjmp(escape, 1) == 0) {
            hook_in_resolver = escape_from_capture;
            sink += go(0xabcdef + (uint32_t)i * 7919, 12);
        }
        hook_in_resolver = NULL;
        sink += go(next_random(), 4);
    }
}

static int deep(int depth) {
    volatile char frame[16];
    frame[0] = 1;
    int result = depth > 0 ? deep(depth - 1) : 0;
    if (depth % 20000 == 0) {
        uint64_t innermost[2];
        uint32_t length = hook_path(hook_capture(), innermost, 2);
        CHECK(length >= 100000u - (uint32_t)depth);
    }
    return result + frame[0];
}

static void *deep_thread(void *unused) {
    (void)unused;
    hook_thread_start();
    sink += deep(100000);
    return NULL;
}

static void *busy_thread(void *unused) {
    (void)unused;
    hook_thread_start();
    uint32_t choices = (uint32_t)(uintptr_t)&choices;
    for (int i = 0; i < 1500; i++) {
        choices = choices * 1664525 + 1013904223;
        sink += go(choices, (int)(choices >> 20) % 25);
    }
    return NULL;
}

static void threads(void) {
    pthread_t ids[4];
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&ids[i], NULL, busy_thread, NULL) == 0);
    for (int i = 0; i < 4; i++)
        pthread_join(ids[i], NULL);
}

static void run_deep(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 20);
    pthread_t id;
    CHECK(pthread_create(&id, &attributes, deep_thread, NULL) == 0);
    pthread_join(id, NULL);
}

int main(void) {
    hook_start();
    nodes();
    plain(4000);
    hook_check("plain", 4000);
    siblings();
    hook_check("siblings", 80);
    jumps(1000);
    hook_check("longjmp", 2000);
    switches(3000);
    hook_check("coroutines", 5000);
    threads();
    hook_check("threads", 6000);

    uw_verify_use_libunwind(0);
    run_deep();
    hook_check("deep", 5);
    use_alternate_stack();
    handle(SIGALRM, on_alarm, SA_ONSTACK | SA_RESTART);
    handle(SIGUSR1, on_user, SA_ONSTACK);
    storm(150);
    plain(6000);
    jumps(1500);
    switches(4000);
    storm(0);
    CHECK(signals > 100);
    hook_check("signals", 15000);
    handle(SIGALRM, on_alarm, SA_RESTART | SA_NODEFER);
    storm(150);
    plain(4000);
    switches(3000);
    storm(0);
    hook_check("same stack", 10000);

    for (int on_stack = 0; on_stack < 2; on_stack++) {
        handle(SIGUSR2, on_nested, SA_NODEFER | (on_stack ? SA_ONSTACK : 0));
        handle(SIGTERM, on_escape, SA_NODEFER | (on_stack ? SA_ONSTACK : 0));
        nested(50);
        CHECK_EQ_I64(deepest, 6);
        CHECK(uw_verify_counts.lost > 0);
        hook_check("nested", 250);
        escapes(50);
        hook_check("escapes", 100);
    }
    return 0;
}
