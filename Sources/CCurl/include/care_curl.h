// The C side of CareTransport: what of libcurl and epoll Swift cannot call by itself.
//
// libcurl's setopt and getinfo are variadic, which Swift does not import; epoll and eventfd are not in Swift's Glibc
// module; and callbacks into Swift from inside libcurl are best avoided. So this target holds fixed-signature wrappers,
// one event loop and the transfers it runs. A loop and its transfers belong to one thread; only an eventfd is shared.
#ifndef CARE_CURL_H
#define CARE_CURL_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// MARK: Options, one wrapper for each class of argument

CURLcode care_easy_set_long(CURL *easy, CURLoption option, long value);
CURLcode care_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode care_easy_set_text(CURL *easy, CURLoption option, const char *value);
CURLcode care_easy_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
CURLcode care_easy_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode care_easy_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode care_easy_get_offset(CURL *easy, CURLINFO info, curl_off_t *value);
CURLcode care_easy_get_text(CURL *easy, CURLINFO info, const char **value);
CURLMcode care_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// Initialises libcurl and makes the process ignore SIGPIPE; once, before any thread uses libcurl. 0: done.
int care_curl_start(void);
/// Lets the process have as many descriptors as it may ask for; how many that is.
int64_t care_raise_descriptor_limit(void);

// MARK: Addresses

/// What an address is, before anybody has allowed anything.
enum {
    CARE_ADDRESS_PUBLIC = 0,
    /// Loopback, RFC 1918, carrier-grade NAT, IPv6 unique local.
    CARE_ADDRESS_PRIVATE = 1,
    /// Link-local (cloud metadata), multicast, documentation, tunnels, reserved.
    CARE_ADDRESS_RESERVED = 2,
};

/// A block of addresses, IPv4 as IPv4-mapped IPv6: `bits` counts from the front of the 16 bytes.
typedef struct {
    uint8_t bytes[16];
    int32_t bits;
} care_address_block;

/// The class of an address given as 16 bytes; IPv4 as ::ffff:a.b.c.d.
int care_address_class(const uint8_t bytes[16]);
/// Reads "10.0.0.0/8", "fd00::/8" or a plain address; 0: read, -1: not an address block.
int care_address_block_read(const char *text, care_address_block *block);
/// Whether the block holds the address.
int care_address_block_holds(const care_address_block *block, const uint8_t bytes[16]);

// MARK: URLs

/// The parts of a URL, as libcurl itself will read them. Names in lower case.
typedef struct {
    char scheme[16];
    char host[256];
    /// 0: not given.
    int32_t port;
    /// The host is an address, not a name.
    int32_t is_literal;
    /// There is a path other than "/", a query or a fragment.
    int32_t has_path;
} care_url_parts;

/// 0: read; 1: not a URL; 2: a scheme longer than any; 3: holds a user name or password; 4: host missing or too long;
/// 5: an international name in letters, which libcurl converts by the process's locale: here or elsewhere differently.
int care_url_read(const char *url, care_url_parts *parts);

// MARK: Transfers

typedef struct care_transfer care_transfer;

/// Where to, and under which conditions: what every kind of transfer has. `allowed` must outlive the transfer's run.
typedef struct {
    const char *url;
    int64_t timeout_ms;
    int64_t connect_timeout_ms;
    int32_t allow_private;
    int32_t allowed_count;
    const care_address_block *allowed;
    /// A PEM file of certificate authorities; NULL: the system's.
    const char *ca_file;
    /// PEM files of a client certificate and its key, and the key's password; NULL: none.
    const char *client_certificate;
    const char *client_key;
    const char *client_key_password;
    /// http://host:port or socks5h://host:port: makes the connection, and is then what allow_private and allowed are
    /// about; NULL: none.
    const char *proxy;
    /// The login there; NULL: none.
    const char *proxy_user;
    const char *proxy_password;
} care_target;

/// An HTTP request. Texts are copied; `body` is copied.
typedef struct {
    care_target target;
    const char *method;
    const uint8_t *body;
    size_t body_length;
    /// How many bytes of the answer are kept, and how many are read at most before the transfer is ended.
    size_t keep_limit;
    size_t read_limit;
    int32_t prefer_http2;
    /// Over a connection of its own: libcurl repeats a request by itself when a connection that was used before has died.
    int32_t fresh_connect;
    /// "user:password" for Basic, or NULL.
    const char *user_password;
    /// "aws:amz:REGION:SERVICE": sign by AWS Signature Version 4, with user_password as key id and secret; or NULL.
    const char *aws_sigv4;
} care_request;

care_transfer *care_transfer_create(void);
void care_transfer_destroy(care_transfer *transfer);
/// Adds "Name: value" to the next request; both end with a NUL behind their length. -1: holds a control character, or no
/// memory.
int care_transfer_add_header(
    care_transfer *transfer, const char *name, size_t name_length, const char *value, size_t value_length);
/// Pins names for the next request: "host:port:address[,address]". -1: no memory.
int care_transfer_add_resolve(care_transfer *transfer, const char *entry);
/// Drops the headers and pins of a request that is not made after all.
void care_transfer_forget(care_transfer *transfer);
/// Sets all options of an HTTP request. CURLE_OK: ready for care_loop_add.
CURLcode care_transfer_prepare_http(care_transfer *transfer, const care_request *request, int64_t tag);

/// Sets all options of a connection that is made and kept: http for TCP, https for TLS. CURLE_OK: ready for
/// care_loop_add. When care_loop_run says that it is made it stays in the loop until care_loop_remove.
CURLcode care_transfer_prepare_connection(care_transfer *transfer, const care_target *target, int64_t tag);
/// Gives a connection bytes to send, which are copied. -1: those before have not all left, or no memory.
int care_connection_load(care_transfer *transfer, const uint8_t *bytes, size_t length);
/// Sends what can be sent without waiting. CURLE_OK: all has left; CURLE_AGAIN: when the socket takes more.
CURLcode care_connection_send(care_transfer *transfer, size_t *sent);
/// Reads what is there. CURLE_AGAIN: nothing; CURLE_OK and no byte: the other side has hung up.
CURLcode care_connection_receive(care_transfer *transfer, uint8_t *bytes, size_t capacity, size_t *length);

/// What libcurl does on a connection to a mail server before it is handed over. Texts are copied.
typedef struct {
    /// NULL: no login.
    const char *user;
    const char *password;
    /// By STARTTLS, where the URL does not begin with TLS.
    int32_t requires_tls;
} care_mail_greeting;

/// As care_transfer_prepare_connection, to a mail server: smtp://host:port/helo or smtps://….
CURLcode care_transfer_prepare_mail(
    care_transfer *transfer, const care_target *target, const care_mail_greeting *greeting, int64_t tag);

/// How a transfer ended; pointers stay valid until the transfer is prepared again.
typedef struct {
    care_transfer *transfer;
    int64_t tag;
    /// A CURLcode.
    int32_t result;
    /// The final status line's code; 0: none came.
    int32_t status;
    /// The head of the answer came whole, so that status counts whatever happened to the body.
    int32_t head_complete;
    /// Every address was refused by the filter, or the one that a kept connection leads to.
    int32_t blocked;
    /// The system had no socket for it.
    int32_t no_socket;
    /// A part of the request has left; what is said to a proxy is none.
    int32_t request_begun;
    /// The proxy did not make the connection.
    int32_t proxy_refused;
    /// What an HTTP proxy answered instead, 0: nothing.
    int32_t proxy_status;
    int64_t total_us;
    const uint8_t *body;
    size_t body_length;
    /// The answer came to its end, and all of its body was kept.
    int32_t body_complete;
    /// The answer's Retry-After, or "".
    const char *retry_after;
    /// libcurl's own words, or "".
    const char *error;
    /// The beginning of a mail server's last line, or "".
    const char *reply;
} care_done;

// MARK: The loop

typedef struct care_loop care_loop;

/// `wake_fd` is an eventfd that other threads write to; the loop reads it and does not own it. NULL: no resources.
care_loop *care_loop_create(int wake_fd, long idle_connections);
void care_loop_destroy(care_loop *loop);
/// CURLM_OK: runs from now on.
CURLMcode care_loop_add(care_loop *loop, care_transfer *transfer);
/// Takes a transfer out before it has ended; it does not come back from care_loop_run.
void care_loop_remove(care_loop *loop, care_transfer *transfer);
/// Watches a connection that is made: for what comes, and where asked for when it can send.
int care_loop_watch(care_loop *loop, care_transfer *transfer, int for_writing);
/// Something has happened at the connection with this tag.
typedef struct {
    int64_t tag;
    int32_t can_read;
    int32_t can_write;
} care_event;
/// What the last care_loop_run saw at connections; valid until the next.
const care_event *care_loop_events(const care_loop *loop, int *count);
/// Waits up to `timeout_ms` (-1: without limit) for sockets, timers or a wake-up, then fills `done`.
/// The number of ended transfers; -1: the loop is broken and must be destroyed.
int care_loop_run(care_loop *loop, int timeout_ms, care_done *done, int capacity);

/// Milliseconds of the monotonic clock.
int64_t care_monotonic_ms(void);

#endif
