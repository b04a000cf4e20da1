/* SPDX-License-Identifier: MIT
 * libmicrohttpd, loaded when a server starts. See http_library.h. */
#include "server/http_library.h"

#include "base/late_library.h"

struct http_library http;

int http_library_load(struct failure *f) {
    static const struct late_function functions[] = {
        {"MHD_start_daemon", &http.start_daemon},
        {"MHD_stop_daemon", &http.stop_daemon},
        {"MHD_get_connection_info", &http.get_connection_info},
        {"MHD_lookup_connection_value", &http.lookup_connection_value},
        {"MHD_create_response_from_buffer_with_free_callback_cls", &http.create_response},
        {"MHD_add_response_header", &http.add_response_header},
        {"MHD_queue_response", &http.queue_response},
        {"MHD_destroy_response", &http.destroy_response},
    };
    return late_library_load("libmicrohttpd.so.12", functions,
                             sizeof functions / sizeof functions[0], f);
}
