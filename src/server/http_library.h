/* SPDX-License-Identifier: MIT
 * The functions of libmicrohttpd that the server calls, without their prefix MHD_. They are there
 * once http_library_load has succeeded. */
#ifndef HEAPWISE_SERVER_HTTP_LIBRARY_H
#define HEAPWISE_SERVER_HTTP_LIBRARY_H

#include <microhttpd.h>

#include "base/failure.h"

struct http_library {
    __typeof__(MHD_start_daemon) *start_daemon;
    __typeof__(MHD_stop_daemon) *stop_daemon;
    __typeof__(MHD_get_connection_info) *get_connection_info;
    __typeof__(MHD_lookup_connection_value) *lookup_connection_value;
    __typeof__(MHD_create_response_from_buffer_with_free_callback_cls) *create_response;
    __typeof__(MHD_add_response_header) *add_response_header;
    __typeof__(MHD_queue_response) *queue_response;
    __typeof__(MHD_destroy_response) *destroy_response;
};

extern struct http_library http;

int http_library_load(struct failure *f);

#endif
