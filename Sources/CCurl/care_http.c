// One HTTP request and its answer.

#include "care_transfer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int care_transfer_add_header(
    care_transfer *transfer, const char *name, size_t name_length, const char *value, size_t value_length) {
    // libcurl passes line ends through: a value with one would be two headers; and a NUL would cut it.
    for (size_t i = 0; i < name_length; i++)
        if ((unsigned char)name[i] <= ' ' || (unsigned char)name[i] >= 0x7f || name[i] == ':') return -1;
    for (size_t i = 0; i < value_length; i++)
        if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f) return -1;
    if (name_length == 0) return -1;
    char small[512];
    size_t need = name_length + value_length + 3;
    char *line = need <= sizeof small ? small : malloc(need);
    if (!line) return -1;
    memcpy(line, name, name_length);
    // "Name;" is how libcurl is asked for a header without a value.
    if (value_length == 0) {
        memcpy(line + name_length, ";", 2);
    } else {
        memcpy(line + name_length, ": ", 2);
        memcpy(line + name_length + 2, value, value_length + 1);
    }
    int result = care_transfer_append(&transfer->headers, line);
    if (line != small) free(line);
    return result;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    care_transfer *transfer = context;
    size_t length = size * count;
    size_t room = transfer->keep_limit - transfer->answer_length;
    size_t kept = length < room ? length : room;
    if (kept) {
        size_t need = transfer->answer_length + kept;
        if (need > transfer->answer_capacity) {
            uint8_t *larger = realloc(transfer->answer, need * 2);
            if (!larger) return 0;
            transfer->answer = larger;
            transfer->answer_capacity = need * 2;
        }
        memcpy(transfer->answer + transfer->answer_length, bytes, kept);
        transfer->answer_length += kept;
    }
    transfer->received += length;
    return transfer->received > transfer->read_limit ? 0 : length;
}

/// The most that the heads of one answer may take, those of 1xx answers before it included. libcurl 7.88 has no limit of
/// its own and keeps them all.
#define LARGEST_HEAD 65536

static size_t on_header(char *bytes, size_t size, size_t count, void *context) {
    care_transfer *transfer = context;
    size_t length = size * count;
    transfer->head_length += length;
    if (transfer->head_length > LARGEST_HEAD) return 0;
    static const char name[] = "retry-after:";
    const size_t name_length = sizeof name - 1;
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        // A 1xx answer comes before the real one: what it said does not count.
        transfer->retry_after[0] = 0;
    } else if (length > name_length && strncasecmp(bytes, name, name_length) == 0) {
        size_t from = name_length, until = length;
        while (from < until && isspace((unsigned char)bytes[from])) from++;
        while (until > from && isspace((unsigned char)bytes[until - 1])) until--;
        size_t kept = until - from;
        if (kept < sizeof transfer->retry_after) {
            memcpy(transfer->retry_after, bytes + from, kept);
            transfer->retry_after[kept] = 0;
        }
    } else if ((length == 2 && bytes[0] == '\r') || (length == 1 && bytes[0] == '\n')) {
        // A line feed alone ends a line too: RFC 9112, section 2.2.
        long status = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200) {
            transfer->status = (int)status;
            transfer->head_complete = 1;
        }
    }
    return length;
}

/// Called when there is a connection, before the first byte of the request: one that another request has opened may lead
/// where this one must not go.
static int on_connected(void *context, char *remote, char *local, int remote_port, int local_port) {
    (void)local;
    (void)remote_port;
    (void)local_port;
    care_transfer *transfer = context;
    if (care_transfer_may_talk_to(transfer, remote)) return CURL_PREREQFUNC_OK;
    transfer->refused_connection = 1;
    return CURL_PREREQFUNC_ABORT;
}

static int is_set_up_for(const care_transfer *transfer, const care_request *request) {
    return care_transfer_is_set_up_for(transfer, CARE_KIND_HTTP, &request->target)
        && transfer->prefer_http2 == request->prefer_http2 && transfer->fresh_connect == request->fresh_connect
        && care_text_is_same(transfer->method, request->method)
        && care_text_is_same(transfer->user_password, request->user_password)
        && care_text_is_same(transfer->aws_sigv4, request->aws_sigv4);
}

#define SET(option, value) if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value)

/// All that requests of one destination have in common.
static CURLcode set_up(care_transfer *transfer, const care_request *request) {
    CURL *easy = transfer->easy;
    CURLcode code = care_transfer_set_up(transfer, CARE_KIND_HTTP, &request->target);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_HTTP_VERSION, request->prefer_http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    if (request->prefer_http2) SET(CURLOPT_PIPEWAIT, 1L);
    if (request->fresh_connect) {
        SET(CURLOPT_FRESH_CONNECT, 1L);
        SET(CURLOPT_FORBID_REUSE, 1L);
    }
    if (request->user_password) {
        if (request->aws_sigv4) {
            SET(CURLOPT_AWS_SIGV4, request->aws_sigv4);
        } else {
            SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        }
        SET(CURLOPT_USERPWD, request->user_password);
    }
    SET(CURLOPT_PREREQFUNCTION, on_connected);
    SET(CURLOPT_PREREQDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    if (strcmp(request->method, "GET") != 0) {
        SET(CURLOPT_POST, 1L);
        if (strcmp(request->method, "POST") != 0) SET(CURLOPT_CUSTOMREQUEST, request->method);
    }
    transfer->method = care_text_copy(request->method);
    transfer->user_password = care_text_copy(request->user_password);
    transfer->aws_sigv4 = care_text_copy(request->aws_sigv4);
    transfer->prefer_http2 = request->prefer_http2;
    transfer->fresh_connect = request->fresh_connect;
    if (code != CURLE_OK) transfer->kind = CARE_KIND_NONE;
    return code;
}

CURLcode care_transfer_prepare_http(care_transfer *transfer, const care_request *request, int64_t tag) {
    CURL *easy = transfer->easy;
    care_transfer_start(transfer, &request->target, tag);
    transfer->keep_limit = request->keep_limit;
    transfer->read_limit = request->read_limit;
    CURLcode code = care_transfer_set_body(transfer, request->body, request->body_length);
    if (code == CURLE_OK && !is_set_up_for(transfer, request)) code = set_up(transfer, request);
    if (code == CURLE_OK) code = care_transfer_set_limits(transfer, &request->target);
    if (strcmp(request->method, "GET") != 0) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_POSTFIELDS, (char *)transfer->body);
        // A body above 1 MiB would otherwise wait for "100 Continue", which many receivers never send. Before 8.3.0 libcurl
        // signs such a line as an empty header, which the other side does not see.
        if (code == CURLE_OK && !request->aws_sigv4 && request->body_length > 1000000
            && care_transfer_append(&transfer->headers, "Expect:") != 0)
            code = CURLE_OUT_OF_MEMORY;
    }
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    return code;
}
#undef SET
