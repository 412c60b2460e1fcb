// curl_multi_socket_action over epoll: the cost of a pass does not grow with the transfers that hang.

#include "care_transfer.h"

#include <stdlib.h>
#include <unistd.h>

struct care_loop {
    CURLM *multi;
    CURLSH *share;
    int epoll_fd, wake_fd;
    /// When libcurl wants to be called again, monotonic milliseconds; -1: not by itself.
    int64_t deadline;
    /// Ended transfers are left over from the last pass, whose capacity was too small.
    int has_more;
};

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    (void)easy;
    care_loop *loop = context;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (known) {
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, socket, &event);
        return 0;
    }
    // A number that was closed and opened again may still be known to epoll under its old life.
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, socket, &event) != 0)
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, socket, &event);
    curl_multi_assign(loop->multi, socket, loop);
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *context) {
    (void)multi;
    care_loop *loop = context;
    // libcurl must not be called from inside its own callback, not even for 0: only the deadline is noted.
    loop->deadline = milliseconds < 0 ? -1 : care_monotonic_ms() + milliseconds;
    return 0;
}

care_loop *care_loop_create(int wake_fd, long idle_connections) {
    care_loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    loop->deadline = -1;
    loop->wake_fd = wake_fd;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->multi = curl_multi_init();
    loop->share = curl_share_init();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = wake_fd};
    if (loop->epoll_fd < 0 || !loop->multi || !loop->share
        || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, wake_fd, &event) != 0) {
        care_loop_destroy(loop);
        return NULL;
    }
    // One thread, so no lock functions. Without it every connection of a host shakes hands anew.
    curl_share_setopt(loop->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, idle_connections);
    return loop;
}

void care_loop_destroy(care_loop *loop) {
    if (!loop) return;
    if (loop->multi) curl_multi_cleanup(loop->multi);
    if (loop->share) curl_share_cleanup(loop->share);
    if (loop->epoll_fd >= 0) close(loop->epoll_fd);
    free(loop);
}

CURLMcode care_loop_add(care_loop *loop, care_transfer *transfer) {
    if (transfer->share != loop->share) {
        curl_easy_setopt(transfer->easy, CURLOPT_SHARE, loop->share);
        transfer->share = loop->share;
    }
    return curl_multi_add_handle(loop->multi, transfer->easy);
}

void care_loop_remove(care_loop *loop, care_transfer *transfer) {
    curl_multi_remove_handle(loop->multi, transfer->easy);
}

static int drain(care_loop *loop, care_done *done, int capacity) {
    int count = 0, left = 0;
    CURLMsg *message;
    loop->has_more = 0;
    while ((message = curl_multi_info_read(loop->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        char *private = NULL;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;  // removing the handle frees the message
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        care_transfer *transfer = (care_transfer *)(void *)private;
        care_loop_remove(loop, transfer);
        care_transfer_finish(transfer, result, &done[count++]);
        if (count == capacity) {
            loop->has_more = left > 0;
            break;
        }
    }
    return count;
}

int care_loop_run(care_loop *loop, int timeout_ms, care_done *done, int capacity) {
    int wait = loop->has_more ? 0 : timeout_ms;
    if (loop->deadline >= 0) {
        int64_t left = loop->deadline - care_monotonic_ms();
        if (left < 0) left = 0;
        if (wait < 0 || left < wait) wait = (int)left;
    }
    struct epoll_event events[256];
    int running = 0, count = epoll_wait(loop->epoll_fd, events, 256, wait);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == loop->wake_fd) {
            uint64_t value;
            ssize_t ignored = read(loop->wake_fd, &value, sizeof value);
            (void)ignored;
            continue;
        }
        int flags = 0;
        if (events[i].events & (EPOLLIN | EPOLLHUP)) flags |= CURL_CSELECT_IN;
        if (events[i].events & EPOLLOUT) flags |= CURL_CSELECT_OUT;
        if (events[i].events & EPOLLERR) flags |= CURL_CSELECT_ERR;
        if (curl_multi_socket_action(loop->multi, events[i].data.fd, flags, &running) != CURLM_OK) return -1;
    }
    if (loop->deadline >= 0 && care_monotonic_ms() >= loop->deadline) {
        loop->deadline = -1;
        if (curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running) != CURLM_OK) return -1;
    }
    return drain(loop, done, capacity);
}
