// curl_multi_socket_action over epoll: the cost of a pass does not grow with the transfers that hang.

#include "care_transfer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256

/// What epoll knows of a socket of ours.
typedef struct {
    /// For how libcurl watches it, or did last; 0: epoll does not know it.
    uint32_t events;
    /// libcurl opened it for an exchange, and says when it closes it.
    uint8_t is_ours;
    /// Nothing may come on it unasked: it is not spoken to in HTTP/2.
    uint8_t is_silent;
    /// libcurl has nothing to ask of it at present: the connection is kept for the next request.
    uint8_t is_resting;
} watched;

struct care_loop {
    CURLM *multi;
    CURLSH *share;
    int epoll_fd, wake_fd;
    /// When libcurl wants to be called again, monotonic milliseconds; -1: not by itself.
    int64_t deadline;
    /// By both looks of a pass.
    care_event seen[2 * EVENTS];
    int seen_count;
    /// By descriptor.
    watched *sockets;
    size_t socket_count;
};

/// In the upper half of what epoll keeps for a socket: a connection's, with the tag in the lower half.
#define CONNECTION ((uint64_t)1 << 32)

/// NULL: it is not one of ours.
static watched *find(care_loop *loop, curl_socket_t socket) {
    if (socket < 0 || (size_t)socket >= loop->socket_count || !loop->sockets[socket].is_ours) return NULL;
    return &loop->sockets[socket];
}

void care_loop_opened(care_loop *loop, curl_socket_t socket, int is_for_exchanges, int is_silent) {
    watched *last = find(loop, socket);
    if (last) *last = (watched){0};
    if (!is_for_exchanges) return;
    if ((size_t)socket >= loop->socket_count) {
        size_t count = (size_t)socket * 2 + 64;
        watched *larger = realloc(loop->sockets, count * sizeof *larger);
        // Without room for it, epoll is told every time.
        if (!larger) return;
        memset(larger + loop->socket_count, 0, (count - loop->socket_count) * sizeof *larger);
        loop->sockets = larger;
        loop->socket_count = count;
    }
    loop->sockets[socket] = (watched){.is_ours = 1, .is_silent = is_silent != 0};
}

static int on_close_socket(void *context, curl_socket_t socket) {
    // Closing takes it out of epoll too, and its number may be another's at once.
    watched *known = find(context, socket);
    if (known) *known = (watched){0};
    return close(socket);
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    (void)easy;
    care_loop *loop = context;
    watched *own = find(loop, socket);
    if (what == CURL_POLL_REMOVE) {
        // It says so at the end of every exchange, and the opposite at the next one's beginning: epoll is told only if
        // something comes meanwhile.
        // One that was only ever connecting libcurl has closed already, and says so nowhere: the number may be another's.
        if (own && (own->events & EPOLLIN)) {
            own->is_resting = 1;
        } else {
            if (own) own->events = 0;
            epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, socket, NULL);
        }
        return 0;
    }
    struct epoll_event event = {.data.u64 = (uint32_t)socket};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (own) {
        int is_known = own->events != 0, is_same = own->events == event.events;
        own->is_resting = 0;
        own->events = event.events;
        if (is_same || (is_known && epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, socket, &event) == 0)) return 0;
    }
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
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint32_t)wake_fd};
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
    free(loop->sockets);
    free(loop);
}

CURLMcode care_loop_add(care_loop *loop, care_transfer *transfer) {
    if (transfer->share != loop->share) {
        curl_easy_setopt(transfer->easy, CURLOPT_SHARE, loop->share);
        transfer->share = loop->share;
    }
    if (transfer->loop != loop) {
        curl_easy_setopt(transfer->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
        curl_easy_setopt(transfer->easy, CURLOPT_CLOSESOCKETDATA, loop);
        transfer->loop = loop;
    }
    return curl_multi_add_handle(loop->multi, transfer->easy);
}

void care_loop_remove(care_loop *loop, care_transfer *transfer) {
    // libcurl closes a connection that was only made when its handle leaves.
    if (transfer->is_watched) epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, transfer->socket, NULL);
    transfer->is_watched = 0;
    curl_multi_remove_handle(loop->multi, transfer->easy);
}

int care_loop_watch(care_loop *loop, care_transfer *transfer, int for_writing) {
    if (!transfer->is_watched
        && (curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &transfer->socket) != CURLE_OK
            || transfer->socket == CURL_SOCKET_BAD))
        return -1;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = CONNECTION | (uint32_t)transfer->tag};
    if (for_writing) event.events |= EPOLLOUT;
    int what = transfer->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(loop->epoll_fd, what, transfer->socket, &event) != 0) return -1;
    transfer->is_watched = 1;
    return 0;
}

const care_event *care_loop_events(const care_loop *loop, int *count) {
    *count = loop->seen_count;
    return loop->seen;
}

static int drain(care_loop *loop, care_done *done, int capacity) {
    int count = 0, left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(loop->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        char *private = NULL;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;  // removing the handle frees the message
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        care_transfer *transfer = (care_transfer *)(void *)private;
        if (transfer->kind != CARE_KIND_CONNECTION || result != CURLE_OK) care_loop_remove(loop, transfer);
        care_transfer_finish(transfer, result, &done[count++]);
        if (count == capacity) break;
    }
    return count;
}

/// Lets libcurl do what it wanted to be called for, if its time has come; -1: the multi handle is broken.
static int run_timers(care_loop *loop) {
    int running = 0;
    if (loop->deadline < 0 || care_monotonic_ms() < loop->deadline) return 0;
    loop->deadline = -1;
    return curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running) == CURLM_OK ? 0 : -1;
}

/// Leaves a connection unusable on which something came unasked, or whose other side has hung up.
static void end_resting(const watched *own, int fd) {
    if (!own->is_silent) return;
    shutdown(fd, SHUT_RDWR);
    // libcurl peeks: what is still there would make it look alive, and be the answer to the next request.
    char waste[4096];
    while (recv(fd, waste, sizeof waste, MSG_DONTWAIT) > 0) continue;
}

/// Waits so long for sockets, and lets libcurl serve them; -1: the multi handle is broken.
static int look(care_loop *loop, int wait) {
    struct epoll_event events[EVENTS];
    int running = 0, count = epoll_wait(loop->epoll_fd, events, EVENTS, wait);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 & CONNECTION) {
            loop->seen[loop->seen_count++] = (care_event){
                .tag = (int64_t)(uint32_t)events[i].data.u64,
                .can_read = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
                .can_write = (events[i].events & EPOLLOUT) != 0,
            };
            continue;
        }
        int fd = (int)(uint32_t)events[i].data.u64;
        if (fd == loop->wake_fd) {
            uint64_t value;
            ssize_t ignored = read(loop->wake_fd, &value, sizeof value);
            (void)ignored;
            continue;
        }
        watched *own = find(loop, fd);
        if (own && own->is_resting) {
            epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
            end_resting(own, fd);
            *own = (watched){.is_ours = 1, .is_silent = own->is_silent};
            continue;
        }
        int flags = 0;
        if (events[i].events & (EPOLLIN | EPOLLHUP)) flags |= CURL_CSELECT_IN;
        if (events[i].events & EPOLLOUT) flags |= CURL_CSELECT_OUT;
        if (events[i].events & EPOLLERR) flags |= CURL_CSELECT_ERR;
        if (curl_multi_socket_action(loop->multi, fd, flags, &running) != CURLM_OK) return -1;
    }
    return 0;
}

int care_loop_run(care_loop *loop, int timeout_ms, care_done *done, int capacity) {
    loop->seen_count = 0;
    // What was added is sent now: otherwise a pass would end without waiting, and the next one would send it. Before that
    // it is looked which of the connections that rest are not to be used again.
    if (loop->deadline >= 0 && care_monotonic_ms() >= loop->deadline && look(loop, 0) != 0) return -1;
    if (run_timers(loop) != 0) return -1;
    // What has ended by that no socket tells, nor what the last pass had no room for.
    int ended = drain(loop, done, capacity);
    int wait = ended > 0 ? 0 : timeout_ms;
    if (loop->deadline >= 0) {
        int64_t left = loop->deadline - care_monotonic_ms();
        if (left < 0) left = 0;
        if (wait < 0 || left < wait) wait = (int)left;
    }
    // What the first look saw is not to wait.
    if (loop->seen_count > 0) wait = 0;
    if (look(loop, wait) != 0 || run_timers(loop) != 0) return -1;
    return ended < capacity ? ended + drain(loop, done + ended, capacity - ended) : ended;
}
