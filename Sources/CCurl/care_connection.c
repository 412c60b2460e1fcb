// A connection over TCP or TLS that is kept; what is said over it is the caller's business.

#include "care_transfer.h"

#include <stdlib.h>
#include <string.h>

#define SET(option, value) if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value)

CURLcode care_transfer_prepare_connection(care_transfer *transfer, const care_target *target, int64_t tag) {
    CURL *easy = transfer->easy;
    CURLcode code = CURLE_OK;
    care_transfer_start(transfer, target, tag);
    if (!care_transfer_is_set_up_for(transfer, CARE_KIND_CONNECTION, target)) {
        code = care_transfer_set_up(transfer, CARE_KIND_CONNECTION, target);
        SET(CURLOPT_PROTOCOLS_STR, "http,https");
        SET(CURLOPT_CONNECT_ONLY, 1L);
        SET(CURLOPT_FRESH_CONNECT, 1L);
        // Else HTTP/2 would be offered, and libcurl would greet a server that takes it in HTTP/2.
        SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
        if (code != CURLE_OK) transfer->kind = CARE_KIND_NONE;
    }
    if (code == CURLE_OK) code = care_transfer_set_limits(transfer, target);
    transfer->unsent = transfer->unsent_length = 0;
    return code;
}
#undef SET

int care_connection_load(care_transfer *transfer, const uint8_t *bytes, size_t length) {
    if (transfer->unsent_length > 0 || care_transfer_set_body(transfer, bytes, length) != CURLE_OK) return -1;
    transfer->unsent = 0;
    transfer->unsent_length = length;
    return 0;
}

CURLcode care_connection_send(care_transfer *transfer, size_t *sent) {
    *sent = 0;
    while (transfer->unsent_length > 0) {
        size_t count = 0;
        // TLS wants the same bytes at the same place again after CURLE_AGAIN: they stay in the transfer until they are gone.
        CURLcode code =
            curl_easy_send(transfer->easy, transfer->body + transfer->unsent, transfer->unsent_length, &count);
        if (code != CURLE_OK) return code;
        transfer->unsent += count;
        transfer->unsent_length -= count;
        *sent += count;
    }
    return CURLE_OK;
}

CURLcode care_connection_receive(care_transfer *transfer, uint8_t *bytes, size_t capacity, size_t *length) {
    *length = 0;
    return curl_easy_recv(transfer->easy, bytes, capacity, length);
}
