// A page cache that is truncated only when something is there to be cut off.
//
// Whenever a b-tree is balanced, SQLite parks pages for a moment under a number that no page has, the one of the file's
// lock byte: 262,145 for pages of 4 KiB (balance_nonroot in its btree.c). From then on its own cache believes that it
// holds pages behind the end of the file, and the commit looks through all of it for them: with 64 MiB cached 1 to 2 ms,
// more than all the rest of a small transaction. So the usual cache is wrapped, and told to truncate only when it holds
// a real page that is behind the limit.
// Source: "Application Defined Page Cache", SQLite's C interface.

#include "care_sqlite.h"

#include <sqlite3.h>
#include <stdlib.h>

typedef struct {
    sqlite3_pcache *usual;
    /// Where pages are parked.
    unsigned parked;
    /// No page lies behind this one.
    unsigned last;
} care_cache;

static sqlite3_pcache_methods2 usual;

static care_cache *own(sqlite3_pcache *cache) { return (care_cache *)(void *)cache; }

static void saw(care_cache *cache, unsigned key) {
    if (key > cache->last && key != cache->parked) cache->last = key;
}

static int initialize(void *context) {
    (void)context;
    return usual.xInit ? usual.xInit(usual.pArg) : SQLITE_OK;
}

static void shut_down(void *context) {
    (void)context;
    if (usual.xShutdown) usual.xShutdown(usual.pArg);
}

static sqlite3_pcache *create(int page_size, int extra, int is_purgeable) {
    care_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return NULL;
    cache->usual = usual.xCreate(page_size, extra, is_purgeable);
    if (!cache->usual) {
        free(cache);
        return NULL;
    }
    cache->parked = 0x40000000u / (unsigned)page_size + 1;
    return (sqlite3_pcache *)(void *)cache;
}

static void set_size(sqlite3_pcache *cache, int pages) { usual.xCachesize(own(cache)->usual, pages); }

static int page_count(sqlite3_pcache *cache) { return usual.xPagecount(own(cache)->usual); }

static sqlite3_pcache_page *fetch(sqlite3_pcache *cache, unsigned key, int create_flag) {
    sqlite3_pcache_page *page = usual.xFetch(own(cache)->usual, key, create_flag);
    if (page) saw(own(cache), key);
    return page;
}

static void unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard) {
    usual.xUnpin(own(cache)->usual, page, discard);
}

static void rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned before, unsigned after) {
    usual.xRekey(own(cache)->usual, page, before, after);
    saw(own(cache), after);
}

static void truncate_to(sqlite3_pcache *cache, unsigned limit) {
    care_cache *mine = own(cache);
    if (limit > mine->last) return;
    usual.xTruncate(mine->usual, limit);
    mine->last = limit > 0 ? limit - 1 : 0;
}

static void destroy(sqlite3_pcache *cache) {
    usual.xDestroy(own(cache)->usual);
    free(cache);
}

static void shrink(sqlite3_pcache *cache) { usual.xShrink(own(cache)->usual); }

int care_sqlite_tune(void) {
    static sqlite3_pcache_methods2 methods = {
        .iVersion = 2,
        .xInit = initialize,
        .xShutdown = shut_down,
        .xCreate = create,
        .xCachesize = set_size,
        .xPagecount = page_count,
        .xFetch = fetch,
        .xUnpin = unpin,
        .xRekey = rekey,
        .xTruncate = truncate_to,
        .xDestroy = destroy,
        .xShrink = shrink,
    };
    // Nobody asks how much memory SQLite has taken, and every allocation would take a lock to count it.
    int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &usual);
    if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
    return code;
}
