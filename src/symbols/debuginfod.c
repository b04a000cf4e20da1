/* SPDX-License-Identifier: MIT
 * The debuginfod client, loaded on demand. See debuginfod.h. */
#include "symbols/debuginfod.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* As in elfutils/debuginfod.h, whose types these are. */
struct client;
static struct client *(*client_begin)(void);
static int (*client_find)(struct client *client, const unsigned char *id, int length, char **path);
static void (*client_end)(struct client *client);

static pthread_once_t loaded = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return;
    *(void **)&client_find = dlsym(library, "debuginfod_find_debuginfo");
    *(void **)&client_end = dlsym(library, "debuginfod_end");
    *(void **)&client_begin = dlsym(library, "debuginfod_begin");
}

int sym_debuginfod_open(struct sym_object *object, struct sym_build_id id) {
    *object = SYM_OBJECT_CLOSED;
    if (id.length == 0 || getenv("DEBUGINFOD_URLS") == NULL) return -1;
    pthread_once(&loaded, load);
    if (client_begin == NULL || client_find == NULL || client_end == NULL) return -1;
    struct client *client = client_begin();
    if (client == NULL) return -1;
    char *path = NULL;
    int fd = client_find(client, id.bytes, (int)id.length, &path);
    client_end(client);
    if (fd < 0) return -1;
    close(fd);
    int result = path == NULL ? -1 : sym_object_open(object, path);
    free(path);
    return result;
}
