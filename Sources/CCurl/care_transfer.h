// Shared by the files of this target only.
#ifndef CARE_TRANSFER_H
#define CARE_TRANSFER_H

#include "care_curl.h"

/// What the easy handle of a transfer is set up for.
typedef enum {
    CARE_KIND_NONE = 0,
    CARE_KIND_HTTP,
    CARE_KIND_CONNECTION,
} care_kind;

struct care_transfer {
    CURL *easy;
    int64_t tag;
    /// The loop's, from its first run on.
    CURLSH *share;
    /// The loop that is told when the sockets are closed; NULL: it has yet to be set.
    care_loop *loop;
    /// What the easy handle is set up for, so that the next request of the same kind changes only what differs.
    care_kind kind;
    char *url, *ca_file, *client_certificate, *client_key, *client_key_password;
    char *proxy, *proxy_user, *proxy_password;
    /// Of HTTP only.
    char *method, *user_password, *aws_sigv4;
    int prefer_http2, fresh_connect;
    /// Of mail only, beside the login: method is its password, user_password its user.
    int requires_tls;
    /// The beginning of a mail server's last line.
    char reply[64];
    struct curl_slist *headers, *resolve;

    uint8_t *body;
    size_t body_capacity;
    /// Of a connection: what of the body is still to be sent.
    size_t unsent, unsent_length;
    curl_socket_t socket;
    int is_watched;

    uint8_t *answer;
    size_t answer_length, answer_capacity, keep_limit, read_limit, received, head_length;
    char retry_after[128];
    char error[CURL_ERROR_SIZE];

    int status, head_complete;
    int allow_private;
    const care_address_block *allowed;
    int allowed_count;
    int refused_addresses, opened_sockets, no_socket, refused_connection;
};

/// Begins a new run: what the last one left is cleared.
void care_transfer_start(care_transfer *transfer, const care_target *target, int64_t tag);
/// Whether the easy handle has the options of this kind and target still.
int care_transfer_is_set_up_for(const care_transfer *transfer, care_kind kind, const care_target *target);
/// Resets the easy handle and sets what every kind has: address filter, TLS, no proxy but that of the target, no redirect. The kind's own
/// options follow.
CURLcode care_transfer_set_up(care_transfer *transfer, care_kind kind, const care_target *target);
void care_transfer_forget_setup(care_transfer *transfer);
/// Sets what may change from run to run: time limits, pinned names.
CURLcode care_transfer_set_limits(care_transfer *transfer, const care_target *target);
/// Copies what is to be sent into the transfer.
CURLcode care_transfer_set_body(care_transfer *transfer, const uint8_t *bytes, size_t length);
/// 0: appended; -1: no memory.
int care_transfer_append(struct curl_slist **list, const char *text);
/// Whether the transfer may use a connection to this address, in numbers.
int care_transfer_may_talk_to(const care_transfer *transfer, const char *address);
/// A socket was opened. One for exchanges the loop may leave in epoll between them; on a silent one nothing may come then.
void care_loop_opened(care_loop *loop, curl_socket_t socket, int is_for_exchanges, int is_silent);
int care_text_is_same(const char *left, const char *right);
char *care_text_copy(const char *text);

/// Fills `done` from the ended transfer.
void care_transfer_finish(care_transfer *transfer, CURLcode result, care_done *done);

#endif
