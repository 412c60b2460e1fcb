// Shared by care_transfer.c and care_loop.c only.
#ifndef CARE_TRANSFER_H
#define CARE_TRANSFER_H

#include "care_curl.h"

struct care_transfer {
    CURL *easy;
    int64_t tag;
    /// The loop's, from its first run on.
    CURLSH *share;
    /// What the easy handle is set up for, so that the next request of the same kind changes only what differs.
    char *url, *method, *ca_file, *user_password, *client_certificate, *client_key, *client_key_password, *aws_sigv4;
    int prefer_http2, is_set_up;
    struct curl_slist *headers, *resolve;

    uint8_t *body;
    size_t body_capacity;

    uint8_t *answer;
    size_t answer_length, answer_capacity, keep_limit, read_limit, received;
    char retry_after[128];
    char error[CURL_ERROR_SIZE];

    int status, head_complete;
    int allow_private;
    const care_address_block *allowed;
    int allowed_count;
    int refused_addresses, opened_sockets;
};

/// Fills `done` from the ended transfer.
void care_transfer_finish(care_transfer *transfer, CURLcode result, care_done *done);

#endif
