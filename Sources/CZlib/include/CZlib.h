#ifndef CARE_ZLIB_H
#define CARE_ZLIB_H

#include <stddef.h>
#include <stdint.h>

// Packs `count` bytes as gzip (RFC 1952) into `capacity` bytes; how many it took, or -1: they did not fit.
ptrdiff_t care_gzip(const uint8_t *bytes, size_t count, uint8_t *packed, size_t capacity);

// The most bytes that packing `count` bytes can take.
size_t care_gzip_bound(size_t count);

// Unpacks gzip or zlib into `capacity` bytes; how many there are, -1: they are damaged, -2: they do not fit.
ptrdiff_t care_gunzip(const uint8_t *packed, size_t count, uint8_t *bytes, size_t capacity);

#endif
