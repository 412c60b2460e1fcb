// One transfer, of whatever kind, and what came of it. Reused for the next: connections live in the loop, not here.

#include "care_transfer.h"

#include <stdlib.h>
#include <string.h>

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

void care_transfer_destroy(care_transfer *transfer) {
    if (!transfer) return;
    curl_easy_cleanup(transfer->easy);
    care_transfer_forget(transfer);
    care_transfer_forget_setup(transfer);
    free(transfer->body);
    free(transfer->answer);
    free(transfer);
}

int care_transfer_append(struct curl_slist **list, const char *text) {
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (!longer) return -1;
    *list = longer;
    return 0;
}

int care_transfer_add_resolve(care_transfer *transfer, const char *entry) {
    return care_transfer_append(&transfer->resolve, entry);
}

CURLcode care_transfer_set_body(care_transfer *transfer, const uint8_t *bytes, size_t length) {
    if (length > transfer->body_capacity || !transfer->body) {
        size_t need = length < 1024 ? 1024 : length;
        uint8_t *larger = realloc(transfer->body, need);
        if (!larger) return CURLE_OUT_OF_MEMORY;
        transfer->body = larger;
        transfer->body_capacity = need;
    }
    if (length) memcpy(transfer->body, bytes, length);
    return CURLE_OK;
}

void care_transfer_finish(care_transfer *transfer, CURLcode result, care_done *done) {
    long request_size = 0, proxy_status = 0, made = 0;
    curl_off_t total = 0, prepared = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_size);
    curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total);
    if (transfer->proxy) {
        curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
        // The size counts what is said to the proxy too; so far it has come when the connection stands.
        curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &prepared);
        if (prepared == 0) request_size = 0;
    }
    *done = (care_done){
        .transfer = transfer,
        .tag = transfer->tag,
        .result = (int32_t)result,
        .status = transfer->status,
        .head_complete = transfer->head_complete,
        .blocked = transfer->refused_connection
            || (transfer->refused_addresses > 0 && transfer->opened_sockets == 0 && result == CURLE_COULDNT_CONNECT),
        .no_socket = transfer->no_socket && transfer->opened_sockets == 0 && result == CURLE_COULDNT_CONNECT,
        .request_begun = request_size > 0,
        .proxy_refused = transfer->proxy && request_size == 0
            && (result == CURLE_PROXY || (proxy_status != 0 && proxy_status / 100 != 2)),
        .proxy_status = (int32_t)proxy_status,
        .total_us = total,
        .body = transfer->answer,
        .body_length = transfer->answer_length,
        .body_complete = result == CURLE_OK && transfer->received <= transfer->keep_limit,
        .retry_after = transfer->retry_after,
        .reply = transfer->reply,
        .error = transfer->error[0] || result == CURLE_OK ? transfer->error : curl_easy_strerror(result),
    };
    // libcurl 7.88 counts how often it took a connection that was dead, over all requests of a handle, and gives up at
    // the sixth; only a reset begins anew. So the handle is set up again after each new connection.
    curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &made);
    if (transfer->kind == CARE_KIND_HTTP && (made > 0 || result == CURLE_SEND_ERROR)) transfer->kind = CARE_KIND_NONE;
    care_transfer_forget(transfer);
}
