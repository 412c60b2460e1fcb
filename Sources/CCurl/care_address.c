// Which addresses may be dialled, and how a URL's host reads.

#include "care_curl.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// IANA's special-purpose registries (RFC 6890 and its successors), without what lies inside a wider row; before them where
// clouds keep their metadata: Aliyun's, Azure's, Amazon's by IPv6. The first row that holds an address counts.
typedef struct {
    const char *text;
    int class;
} special_block;

static const special_block special_blocks[] = {
    {"100.100.100.200/32", CARE_ADDRESS_RESERVED}, {"168.63.129.16/32", CARE_ADDRESS_RESERVED},
    {"fd00:ec2::254/128", CARE_ADDRESS_RESERVED},
    {"10.0.0.0/8", CARE_ADDRESS_PRIVATE},      {"172.16.0.0/12", CARE_ADDRESS_PRIVATE},
    {"192.168.0.0/16", CARE_ADDRESS_PRIVATE},  {"100.64.0.0/10", CARE_ADDRESS_PRIVATE},
    {"127.0.0.0/8", CARE_ADDRESS_PRIVATE},     {"0.0.0.0/8", CARE_ADDRESS_RESERVED},
    {"169.254.0.0/16", CARE_ADDRESS_RESERVED}, {"192.0.0.0/24", CARE_ADDRESS_RESERVED},
    {"192.0.2.0/24", CARE_ADDRESS_RESERVED},   {"192.88.99.0/24", CARE_ADDRESS_RESERVED},
    {"198.18.0.0/15", CARE_ADDRESS_RESERVED},  {"198.51.100.0/24", CARE_ADDRESS_RESERVED},
    {"203.0.113.0/24", CARE_ADDRESS_RESERVED}, {"224.0.0.0/4", CARE_ADDRESS_RESERVED},
    {"240.0.0.0/4", CARE_ADDRESS_RESERVED},    {"::1/128", CARE_ADDRESS_PRIVATE},
    {"fc00::/7", CARE_ADDRESS_PRIVATE},
    {"::/96", CARE_ADDRESS_RESERVED},          {"64:ff9b::/96", CARE_ADDRESS_RESERVED},
    {"::ffff:0:0:0/96", CARE_ADDRESS_RESERVED},
    {"64:ff9b:1::/48", CARE_ADDRESS_RESERVED}, {"100::/64", CARE_ADDRESS_RESERVED},
    {"2001::/32", CARE_ADDRESS_RESERVED},      {"2001:db8::/32", CARE_ADDRESS_RESERVED},
    {"2002::/16", CARE_ADDRESS_RESERVED},      {"3fff::/20", CARE_ADDRESS_RESERVED},
    {"5f00::/16", CARE_ADDRESS_RESERVED},      {"fe80::/10", CARE_ADDRESS_RESERVED},
    {"fec0::/10", CARE_ADDRESS_RESERVED},      {"ff00::/8", CARE_ADDRESS_RESERVED},
};

int care_address_block_read(const char *text, care_address_block *block) {
    char address[64];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length == 0 || length >= sizeof address) return -1;
    memcpy(address, text, length);
    address[length] = 0;
    int is_v4 = 0;
    if (inet_pton(AF_INET6, address, block->bytes) != 1) {
        static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        memcpy(block->bytes, mapped, 12);
        if (inet_pton(AF_INET, address, block->bytes + 12) != 1) return -1;
        is_v4 = 1;
    }
    int widest = is_v4 ? 32 : 128;
    int bits = widest;
    if (slash) {
        if (!isdigit((unsigned char)slash[1])) return -1;
        char *end = NULL;
        long value = strtol(slash + 1, &end, 10);
        if (*end || value > widest) return -1;
        bits = (int)value;
    }
    block->bits = is_v4 ? 96 + bits : bits;
    return 0;
}

int care_address_block_holds(const care_address_block *block, const uint8_t bytes[16]) {
    int whole = block->bits / 8, rest = block->bits % 8;
    if (memcmp(block->bytes, bytes, (size_t)whole) != 0) return 0;
    if (rest == 0) return 1;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return (block->bytes[whole] & mask) == (bytes[whole] & mask);
}

#define SPECIAL_BLOCKS (sizeof special_blocks / sizeof *special_blocks)

/// The rows' addresses, read once: every request asks for the class of the one that it is sent to.
static care_address_block read_blocks[SPECIAL_BLOCKS];
static pthread_once_t blocks_are_read = PTHREAD_ONCE_INIT;

static void read_special_blocks(void) {
    for (size_t i = 0; i < SPECIAL_BLOCKS; i++)
        // A filter with a row missing would let something through.
        if (care_address_block_read(special_blocks[i].text, &read_blocks[i]) != 0) abort();
}

int care_address_class(const uint8_t bytes[16]) {
    pthread_once(&blocks_are_read, read_special_blocks);
    for (size_t i = 0; i < SPECIAL_BLOCKS; i++)
        if (care_address_block_holds(&read_blocks[i], bytes)) return special_blocks[i].class;
    return CARE_ADDRESS_PUBLIC;
}

static int read_parts(CURLU *url, care_url_parts *parts) {
    char *user = NULL, *password = NULL, *scheme = NULL, *host = NULL, *port = NULL;
    int result = 0;
    if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK) result = 3;
    if (curl_url_get(url, CURLUPART_PASSWORD, &password, 0) == CURLUE_OK) result = 3;
    curl_free(user);
    curl_free(password);
    if (result) return result;

    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK) return 1;
    size_t scheme_length = strlen(scheme);
    if (scheme_length >= sizeof parts->scheme) result = 2;
    for (size_t i = 0; !result && i <= scheme_length; i++) parts->scheme[i] = (char)tolower((unsigned char)scheme[i]);
    curl_free(scheme);
    if (result) return result;

    if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK) return 4;
    size_t length = strlen(host);
    if (length == 0 || length >= sizeof parts->host) {
        curl_free(host);
        return 4;
    }
    for (size_t i = 0; i <= length; i++) {
        if ((unsigned char)host[i] >= 0x80) result = 5;
        parts->host[i] = (char)tolower((unsigned char)host[i]);
    }
    curl_free(host);
    if (result) return result;
    struct in_addr v4;
    parts->is_literal = parts->host[0] == '[' || inet_pton(AF_INET, parts->host, &v4) == 1;

    // The default is the reader's: libcurl's for smtp is the port between servers, for other schemes there is none.
    parts->port = curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK ? atoi(port) : 0;
    curl_free(port);

    char *path = NULL, *query = NULL, *fragment = NULL;
    if (curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") != 0) parts->has_path = 1;
    if (curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK) parts->has_path = 1;
    if (curl_url_get(url, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK) parts->has_path = 1;
    curl_free(path);
    curl_free(query);
    curl_free(fragment);
    return 0;
}

int care_url_read(const char *text, care_url_parts *parts) {
    CURLU *url = curl_url();
    if (!url) return 1;
    int result;
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    if (code != CURLUE_OK) {
        result = 1;
    } else {
        result = read_parts(url, parts);
    }
    curl_url_cleanup(url);
    return result;
}
