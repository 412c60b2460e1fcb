// A connection to a mail server: libcurl makes it, with greeting, STARTTLS and login, all without blocking; then it is
// handed over. What libcurl itself says behind that would wait for the server's last word within the loop.

#include "care_transfer.h"

#include <string.h>

static size_t on_reply(char *bytes, size_t size, size_t count, void *context) {
    care_transfer *transfer = context;
    size_t length = size * count;
    // A code with its enhanced code is short; the rest is a stranger's words.
    size_t kept = length < sizeof transfer->reply ? length : sizeof transfer->reply - 1;
    memcpy(transfer->reply, bytes, kept);
    transfer->reply[kept] = 0;
    return length;
}

#define SET(option, value) if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value)

static CURLcode set_up(care_transfer *transfer, const care_target *target, const care_mail_greeting *greeting) {
    CURL *easy = transfer->easy;
    CURLcode code = care_transfer_set_up(transfer, CARE_KIND_CONNECTION, target);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_USE_SSL, greeting->requires_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    if (greeting->user) {
        SET(CURLOPT_USERNAME, greeting->user);
        SET(CURLOPT_PASSWORD, greeting->password);
        // Over TLS these two are enough, and what others would ask of the system stays out of it.
        SET(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    }
    SET(CURLOPT_HEADERFUNCTION, on_reply);
    SET(CURLOPT_HEADERDATA, transfer);
    transfer->user_password = care_text_copy(greeting->user);
    transfer->method = care_text_copy(greeting->password);
    if (code != CURLE_OK) transfer->kind = CARE_KIND_NONE;
    return code;
}
#undef SET

CURLcode care_transfer_prepare_mail(
    care_transfer *transfer, const care_target *target, const care_mail_greeting *greeting, int64_t tag) {
    CURLcode code = CURLE_OK;
    care_transfer_start(transfer, target, tag);
    // The URL says whether TLS is there from the beginning, and how this side calls itself.
    if (!care_transfer_is_set_up_for(transfer, CARE_KIND_CONNECTION, target)
        || transfer->requires_tls != greeting->requires_tls
        || !care_text_is_same(transfer->user_password, greeting->user)
        || !care_text_is_same(transfer->method, greeting->password))
        code = set_up(transfer, target, greeting);
    transfer->requires_tls = greeting->requires_tls;
    if (code == CURLE_OK) code = care_transfer_set_limits(transfer, target);
    transfer->unsent = transfer->unsent_length = 0;
    transfer->reply[0] = 0;
    return code;
}
