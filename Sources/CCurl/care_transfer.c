// One request and what came of it. Reused for the next: connections live in the loop, not here.

#include "care_transfer.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

care_transfer *care_transfer_create(void) {
    care_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer && !(transfer->easy = curl_easy_init())) {
        free(transfer);
        return NULL;
    }
    return transfer;
}

void care_transfer_forget(care_transfer *transfer) {
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->resolve);
    transfer->headers = transfer->resolve = NULL;
}

static void forget_setup(care_transfer *transfer);

void care_transfer_destroy(care_transfer *transfer) {
    if (!transfer) return;
    curl_easy_cleanup(transfer->easy);
    care_transfer_forget(transfer);
    forget_setup(transfer);
    free(transfer->body);
    free(transfer->answer);
    free(transfer);
}

static int append(struct curl_slist **list, const char *text) {
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (!longer) return -1;
    *list = longer;
    return 0;
}

int care_transfer_add_header(care_transfer *transfer, const char *name, const char *value) {
    // libcurl passes line ends through: a value with one would be two headers.
    size_t name_length = strlen(name), value_length = strlen(value);
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
    int result = append(&transfer->headers, line);
    if (line != small) free(line);
    return result;
}

int care_transfer_add_resolve(care_transfer *transfer, const char *entry) { return append(&transfer->resolve, entry); }

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

static size_t on_header(char *bytes, size_t size, size_t count, void *context) {
    care_transfer *transfer = context;
    size_t length = size * count;
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
    } else if (length == 2 && bytes[0] == '\r') {
        long status = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200) {
            transfer->status = (int)status;
            transfer->head_complete = 1;
        }
    }
    return length;
}

static int may_dial(const care_transfer *transfer, const struct sockaddr *address) {
    uint8_t bytes[16] = {0};
    if (address->sa_family == AF_INET) {
        bytes[10] = bytes[11] = 0xff;
        memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        // ::ffff:127.0.0.1 is 127.0.0.1: both are the same 16 bytes here.
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    } else {
        return 0;
    }
    int class = care_address_class(bytes);
    if (class == CARE_ADDRESS_PUBLIC) return 1;
    if (class == CARE_ADDRESS_PRIVATE && transfer->allow_private) return 1;
    for (int i = 0; i < transfer->allowed_count; i++)
        if (care_address_block_holds(&transfer->allowed[i], bytes)) return 1;
    return 0;
}

static curl_socket_t on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    care_transfer *transfer = context;
    if (purpose != CURLSOCKTYPE_IPCXN || !may_dial(transfer, &address->addr)) {
        transfer->refused_addresses++;
        return CURL_SOCKET_BAD;
    }
    transfer->opened_sockets++;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int same(const char *left, const char *right) {
    return left == right || (left && right && strcmp(left, right) == 0);
}

static int is_set_up_for(const care_transfer *transfer, const care_request *request) {
    return transfer->is_set_up && transfer->prefer_http2 == request->prefer_http2 && same(transfer->url, request->url)
        && same(transfer->method, request->method) && same(transfer->ca_file, request->ca_file)
        && same(transfer->user_password, request->user_password)
        && same(transfer->client_certificate, request->client_certificate)
        && same(transfer->client_key, request->client_key)
        && same(transfer->client_key_password, request->client_key_password)
        && same(transfer->aws_sigv4, request->aws_sigv4);
}

static void forget_setup(care_transfer *transfer) {
    free(transfer->url);
    free(transfer->method);
    free(transfer->ca_file);
    free(transfer->user_password);
    free(transfer->client_certificate);
    free(transfer->client_key);
    free(transfer->client_key_password);
    free(transfer->aws_sigv4);
    transfer->url = transfer->method = transfer->ca_file = transfer->user_password = NULL;
    transfer->client_certificate = transfer->client_key = transfer->client_key_password = transfer->aws_sigv4 = NULL;
    transfer->is_set_up = 0;
}

static char *copied(const char *text) { return text ? strdup(text) : NULL; }

#define SET(option, value) if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value)

/// All that requests of one destination have in common.
static CURLcode set_up(care_transfer *transfer, const care_request *request) {
    CURL *easy = transfer->easy;
    CURLcode code = CURLE_OK;
    forget_setup(transfer);
    curl_easy_reset(easy);
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PROXY, "");  // environment variables must not send signed bodies elsewhere, past the address filter
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_HTTP_VERSION, request->prefer_http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    if (request->prefer_http2) SET(CURLOPT_PIPEWAIT, 1L);
    if (request->ca_file) SET(CURLOPT_CAINFO, request->ca_file);
    if (request->client_certificate) SET(CURLOPT_SSLCERT, request->client_certificate);
    if (request->client_key) SET(CURLOPT_SSLKEY, request->client_key);
    if (request->client_key_password) SET(CURLOPT_KEYPASSWD, request->client_key_password);
    if (request->user_password) {
        if (request->aws_sigv4) {
            SET(CURLOPT_AWS_SIGV4, request->aws_sigv4);
        } else {
            SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        }
        SET(CURLOPT_USERPWD, request->user_password);
    }
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    if (strcmp(request->method, "GET") != 0) {
        SET(CURLOPT_POST, 1L);
        if (strcmp(request->method, "POST") != 0) SET(CURLOPT_CUSTOMREQUEST, request->method);
    }
    transfer->url = copied(request->url);
    transfer->method = copied(request->method);
    transfer->ca_file = copied(request->ca_file);
    transfer->user_password = copied(request->user_password);
    transfer->client_certificate = copied(request->client_certificate);
    transfer->client_key = copied(request->client_key);
    transfer->client_key_password = copied(request->client_key_password);
    transfer->aws_sigv4 = copied(request->aws_sigv4);
    transfer->prefer_http2 = request->prefer_http2;
    transfer->is_set_up = code == CURLE_OK;
    return code;
}

static CURLcode copy_body(care_transfer *transfer, const care_request *request) {
    if (request->body_length > transfer->body_capacity || !transfer->body) {
        size_t need = request->body_length < 1024 ? 1024 : request->body_length;
        uint8_t *larger = realloc(transfer->body, need);
        if (!larger) return CURLE_OUT_OF_MEMORY;
        transfer->body = larger;
        transfer->body_capacity = need;
    }
    if (request->body_length) memcpy(transfer->body, request->body, request->body_length);
    return CURLE_OK;
}

CURLcode care_transfer_prepare(care_transfer *transfer, const care_request *request, int64_t tag) {
    CURL *easy = transfer->easy;
    transfer->tag = tag;
    transfer->status = transfer->head_complete = transfer->refused_addresses = transfer->opened_sockets = 0;
    transfer->answer_length = transfer->received = 0;
    transfer->keep_limit = request->keep_limit;
    transfer->read_limit = request->read_limit;
    transfer->allow_private = request->allow_private;
    transfer->allowed = request->allowed;
    transfer->allowed_count = request->allowed_count;
    transfer->retry_after[0] = transfer->error[0] = 0;
    CURLcode code = copy_body(transfer, request);
    if (code == CURLE_OK && !is_set_up_for(transfer, request)) code = set_up(transfer, request);
    SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    SET(CURLOPT_RESOLVE, transfer->resolve);
    if (strcmp(request->method, "GET") != 0) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_POSTFIELDS, (char *)transfer->body);
        // A body above 1 MiB would otherwise wait for "100 Continue", which many receivers never send. Before 8.3.0 libcurl
        // signs such a line as an empty header, which the other side does not see.
        if (code == CURLE_OK && !request->aws_sigv4 && request->body_length > 1000000 && append(&transfer->headers, "Expect:") != 0)
            code = CURLE_OUT_OF_MEMORY;
    }
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    return code;
}
#undef SET

void care_transfer_finish(care_transfer *transfer, CURLcode result, care_done *done) {
    long request_size = 0;
    curl_off_t total = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_size);
    curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total);
    *done = (care_done){
        .transfer = transfer,
        .tag = transfer->tag,
        .result = (int32_t)result,
        .status = transfer->status,
        .head_complete = transfer->head_complete,
        .blocked = transfer->refused_addresses > 0 && transfer->opened_sockets == 0 && result == CURLE_COULDNT_CONNECT,
        .request_begun = request_size > 0,
        .total_us = total,
        .body = transfer->answer,
        .body_length = transfer->answer_length,
        .retry_after = transfer->retry_after,
        .error = transfer->error[0] || result == CURLE_OK ? transfer->error : curl_easy_strerror(result),
    };
    care_transfer_forget(transfer);
}
