// As little as libcurl needs: curl_multi_socket_action over epoll, handles made once and used again, nothing recorded.

#include "bare_loop.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    CURLM *multi;
    int epoll_fd;
    /// Milliseconds; -1: libcurl has no timer.
    int64_t timer;
} bare_state;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int64_t milliseconds(void) { return (int64_t)(seconds() * 1000); }

static size_t drop(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

static int socket_changed(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    (void)easy;
    bare_state *state = context;
    struct epoll_event event = {.data.fd = socket};
    event.events = ((what & CURL_POLL_IN) ? EPOLLIN : 0) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0);
    int operation = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL : known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(state->epoll_fd, operation, socket, &event) != 0 && operation == EPOLL_CTL_ADD)
        epoll_ctl(state->epoll_fd, EPOLL_CTL_MOD, socket, &event);
    if (operation == EPOLL_CTL_ADD) curl_multi_assign(state->multi, socket, state);
    return 0;
}

static int timer_changed(CURLM *multi, long wait, void *context) {
    (void)multi;
    ((bare_state *)context)->timer = wait < 0 ? -1 : milliseconds() + wait;
    return 0;
}

/// Takes what has ended and begins as many anew. How many ended; -1: one was not answered 2xx.
static int renew(bare_state *state, int *left) {
    int ended = 0, queued = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(state->multi, &queued))) {
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(state->multi, easy);
        if (result != CURLE_OK || status / 100 != 2) return -1;
        ended++;
        if (*left > 0) {
            *left -= 1;
            curl_multi_add_handle(state->multi, easy);
        }
    }
    return ended;
}

static int turn(bare_state *state) {
    struct epoll_event events[128];
    int running = 0, wait = 1000;
    if (state->timer >= 0) {
        int64_t due = state->timer - milliseconds();
        wait = due < 0 ? 0 : (int)due;
    }
    int count = epoll_wait(state->epoll_fd, events, 128, wait);
    for (int i = 0; i < count; i++) {
        uint32_t bits = events[i].events;
        int flags = ((bits & (EPOLLIN | EPOLLHUP)) ? CURL_CSELECT_IN : 0) | ((bits & EPOLLOUT) ? CURL_CSELECT_OUT : 0)
            | ((bits & EPOLLERR) ? CURL_CSELECT_ERR : 0);
        if (curl_multi_socket_action(state->multi, events[i].data.fd, flags, &running) != CURLM_OK) return -1;
    }
    if (state->timer >= 0 && milliseconds() >= state->timer) {
        state->timer = -1;
        if (curl_multi_socket_action(state->multi, CURL_SOCKET_TIMEOUT, 0, &running) != CURLM_OK) return -1;
    }
    return 0;
}

double bare_loop_run(const char *url, int count, int in_flight, int size) {
    curl_global_init(CURL_GLOBAL_ALL);
    bare_state state = {.multi = curl_multi_init(), .epoll_fd = epoll_create1(EPOLL_CLOEXEC), .timer = -1};
    curl_multi_setopt(state.multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    curl_multi_setopt(state.multi, CURLMOPT_SOCKETDATA, &state);
    curl_multi_setopt(state.multi, CURLMOPT_TIMERFUNCTION, timer_changed);
    curl_multi_setopt(state.multi, CURLMOPT_TIMERDATA, &state);
    curl_multi_setopt(state.multi, CURLMOPT_MAXCONNECTS, (long)in_flight * 2);
    char *body = malloc((size_t)size);
    memset(body, 'x', (size_t)size);
    static const char *lines[] = {
        "content-type: application/cloudevents+json; charset=UTF-8", "webhook-id: dlv_ikifley4civm2u2hmcdafeicwq",
        "webhook-timestamp: 1781514000", "webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    };
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) headers = curl_slist_append(headers, lines[i]);

    int left = count, done = 0, slots = in_flight < count ? in_flight : count, failed = 0;
    CURL **handles = calloc((size_t)slots, sizeof *handles);
    double start = seconds();
    for (int i = 0; i < slots; i++, left--) {
        CURL *easy = handles[i] = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)size);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 15000L);
        curl_multi_add_handle(state.multi, easy);
    }
    while (done < count && !failed) {
        failed = turn(&state) != 0;
        int ended = renew(&state, &left);
        failed = failed || ended < 0;
        done += ended;
    }
    double taken = seconds() - start;
    for (int i = 0; i < slots; i++) {
        curl_multi_remove_handle(state.multi, handles[i]);
        curl_easy_cleanup(handles[i]);
    }
    curl_multi_cleanup(state.multi);
    close(state.epoll_fd);
    curl_slist_free_all(headers);
    free(handles);
    free(body);
    return failed ? -1 : taken;
}
