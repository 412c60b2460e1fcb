// Where a transfer goes, and under which conditions: the options that every kind has.

#include "care_transfer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int is_allowed(const care_transfer *transfer, const uint8_t bytes[16]) {
    int class = care_address_class(bytes);
    if (class == CARE_ADDRESS_PUBLIC) return 1;
    if (class == CARE_ADDRESS_PRIVATE && transfer->allow_private) return 1;
    for (int i = 0; i < transfer->allowed_count; i++)
        if (care_address_block_holds(&transfer->allowed[i], bytes)) return 1;
    return 0;
}

int care_transfer_may_talk_to(const care_transfer *transfer, const char *address) {
    care_address_block block;
    return care_address_block_read(address, &block) == 0 && is_allowed(transfer, block.bytes);
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
    return is_allowed(transfer, bytes);
}

static curl_socket_t on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    care_transfer *transfer = context;
    if (purpose != CURLSOCKTYPE_IPCXN || !may_dial(transfer, &address->addr)) {
        transfer->refused_addresses++;
        return CURL_SOCKET_BAD;
    }
    int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (descriptor < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
        transfer->no_socket = 1;
    } else {
        transfer->opened_sockets++;
        if (descriptor >= 0 && transfer->loop)
            care_loop_opened(
                transfer->loop, descriptor, transfer->kind == CARE_KIND_HTTP, !transfer->prefer_http2);
    }
    return descriptor;
}

void care_transfer_start(care_transfer *transfer, const care_target *target, int64_t tag) {
    transfer->tag = tag;
    transfer->status = transfer->head_complete = transfer->refused_addresses = transfer->opened_sockets = 0;
    transfer->no_socket = transfer->refused_connection = 0;
    transfer->answer_length = transfer->received = transfer->head_length = 0;
    transfer->keep_limit = transfer->read_limit = 0;
    transfer->allow_private = target->allow_private;
    transfer->allowed = target->allowed;
    transfer->allowed_count = target->allowed_count;
    transfer->retry_after[0] = transfer->error[0] = 0;
}

int care_text_is_same(const char *left, const char *right) {
    return left == right || (left && right && strcmp(left, right) == 0);
}

char *care_text_copy(const char *text) { return text ? strdup(text) : NULL; }

int care_transfer_is_set_up_for(const care_transfer *transfer, care_kind kind, const care_target *target) {
    return transfer->kind == kind && care_text_is_same(transfer->url, target->url)
        && care_text_is_same(transfer->ca_file, target->ca_file)
        && care_text_is_same(transfer->client_certificate, target->client_certificate)
        && care_text_is_same(transfer->client_key, target->client_key)
        && care_text_is_same(transfer->client_key_password, target->client_key_password)
        && care_text_is_same(transfer->proxy, target->proxy)
        && care_text_is_same(transfer->proxy_user, target->proxy_user)
        && care_text_is_same(transfer->proxy_password, target->proxy_password);
}

void care_transfer_forget_setup(care_transfer *transfer) {
    free(transfer->url);
    free(transfer->ca_file);
    free(transfer->client_certificate);
    free(transfer->client_key);
    free(transfer->client_key_password);
    free(transfer->proxy);
    free(transfer->proxy_user);
    free(transfer->proxy_password);
    free(transfer->method);
    free(transfer->user_password);
    free(transfer->aws_sigv4);
    transfer->url = transfer->ca_file = transfer->client_certificate = transfer->client_key = NULL;
    transfer->client_key_password = transfer->method = transfer->user_password = transfer->aws_sigv4 = NULL;
    transfer->proxy = transfer->proxy_user = transfer->proxy_password = NULL;
    transfer->kind = CARE_KIND_NONE;
}

#define SET(option, value) if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value)

CURLcode care_transfer_set_up(care_transfer *transfer, care_kind kind, const care_target *target) {
    CURL *easy = transfer->easy;
    CURLcode code = CURLE_OK;
    care_transfer_forget_setup(transfer);
    curl_easy_reset(easy);
    transfer->loop = NULL;
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_URL, target->url);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    // Environment variables must not send signed bodies elsewhere, past the address filter: "" keeps libcurl from reading
    // them, no_proxy included, which would also lead past a proxy that is asked for.
    SET(CURLOPT_PROXY, target->proxy ? target->proxy : "");
    SET(CURLOPT_NOPROXY, "");
    if (target->proxy) {
        // Also for http: else the proxy's own answers could not be told from the receiver's.
        SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
        SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        SET(CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
        SET(CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
        if (target->proxy_user) SET(CURLOPT_PROXYUSERNAME, target->proxy_user);
        if (target->proxy_password) SET(CURLOPT_PROXYPASSWORD, target->proxy_password);
    }
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (target->ca_file) SET(CURLOPT_CAINFO, target->ca_file);
    if (target->client_certificate) SET(CURLOPT_SSLCERT, target->client_certificate);
    if (target->client_key) SET(CURLOPT_SSLKEY, target->client_key);
    if (target->client_key_password) SET(CURLOPT_KEYPASSWD, target->client_key_password);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    transfer->url = care_text_copy(target->url);
    transfer->ca_file = care_text_copy(target->ca_file);
    transfer->client_certificate = care_text_copy(target->client_certificate);
    transfer->client_key = care_text_copy(target->client_key);
    transfer->client_key_password = care_text_copy(target->client_key_password);
    transfer->proxy = care_text_copy(target->proxy);
    transfer->proxy_user = care_text_copy(target->proxy_user);
    transfer->proxy_password = care_text_copy(target->proxy_password);
    if (code == CURLE_OK) transfer->kind = kind;
    return code;
}

CURLcode care_transfer_set_limits(care_transfer *transfer, const care_target *target) {
    CURL *easy = transfer->easy;
    CURLcode code = CURLE_OK;
    SET(CURLOPT_TIMEOUT_MS, (long)target->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)target->connect_timeout_ms);
    SET(CURLOPT_RESOLVE, transfer->resolve);
    return code;
}
#undef SET
