#ifndef BARE_LOOP_H
#define BARE_LOOP_H

/// Posts `count` bodies of `size` bytes with webhook headers to `url`, `in_flight` at once, and does nothing else: the
/// measuring stick for delivery. Seconds it took; negative: an exchange failed or was not answered 2xx.
double bare_loop_run(const char *url, int count, int in_flight, int size);

#endif
