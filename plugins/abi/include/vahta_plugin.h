/* The border between Vahta and a native plugin, for C and for anything that can speak it.
 *
 * The Rust side is plugins/abi/src/lib.rs; a test compiles this file and compares all sizes and
 * offsets. Ownership, threads, deadlines and the JSON shapes are told in docs/PLUGIN_ABI.md.
 */
#ifndef VAHTA_PLUGIN_H
#define VAHTA_PLUGIN_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VAHTA_ABI 1u

/* Bytes borrowed for the duration of the call that carries them: copy what you keep. */
typedef struct vahta_bytes {
    const uint8_t *ptr; /* may be NULL when len is 0 */
    size_t len;
} vahta_bytes;

/* What `done` says about its bytes. */
enum {
    VAHTA_OK = 0,      /* the result */
    VAHTA_ERROR = 1,   /* {"code":"…","message":"…","detail":…} */
    VAHTA_PANICKED = 2 /* as VAHTA_ERROR: the code broke and was caught */
};

/* Where an answer goes: call `done` exactly once, from any thread. */
typedef struct vahta_reply {
    void *state;
    void (*done)(void *state, int32_t status, vahta_bytes bytes);
} vahta_reply;

/* What `handle` is given. */
enum {
    VAHTA_UPDATE = 1, /* body: one update exactly as Telegram sent it */
    VAHTA_JOB = 2,
    VAHTA_HTTP = 3,
    VAHTA_EVENT = 4,
    VAHTA_HEALTH = 5 /* any VAHTA_OK is a yes */
};

/* Levels of `log`. */
enum { VAHTA_LOG_ERROR = 1, VAHTA_LOG_WARN, VAHTA_LOG_INFO, VAHTA_LOG_DEBUG, VAHTA_LOG_TRACE };

/* What the host offers. Valid from `start` on; both functions may be called from any thread. */
typedef struct vahta_host {
    uint32_t size; /* sizeof as the host knows it */
    uint32_t abi;
    void *host; /* first argument of both functions */
    /* ctx: the delivery in whose name the call is made, 0 for none. The answer comes on the thread
     * that calls into the plugin. */
    void (*call)(void *host, uint64_t ctx, vahta_bytes method, vahta_bytes body, vahta_reply reply);
    void (*log)(void *host, int32_t level, vahta_bytes target, vahta_bytes message);
} vahta_host;

/* What the plugin offers. The host never makes two of these calls at the same time. */
typedef struct vahta_plugin {
    uint32_t size; /* sizeof(vahta_plugin) */
    uint32_t abi;  /* VAHTA_ABI */
    /* 0: started. Writes its own pointer to *instance, which every later call carries. */
    int32_t (*start)(const vahta_host *host, vahta_bytes config, void **instance);
    /* Return at once; answer when you can. */
    void (*handle)(void *instance, uint64_t ctx, uint32_t kind, vahta_bytes envelope,
                   vahta_bytes body, vahta_reply reply);
    /* The delivery was given up: its calls are refused, its answer is ignored. */
    void (*cancel)(void *instance, uint64_t ctx);
    /* VAHTA_OK given on the thread that called `stop` says that no thread of the plugin runs its
     * code any more. */
    void (*stop)(void *instance, uint32_t grace_ms, vahta_reply reply);
} vahta_plugin;

/* A plugin exports these two … */
#define VAHTA_EXPORT __attribute__((visibility("default")))
VAHTA_EXPORT uint32_t vahta_abi_version(void);
VAHTA_EXPORT const vahta_plugin *vahta_plugin_entry(void);

/* … and holds its manifest in a section that the host reads before it loads the file:
 *
 *     VAHTA_MANIFEST("{\"name\":\"ping\", …}");
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define VAHTA_MANIFEST(json)                                                                       \
    __attribute__((section(".vahta"), used)) static const struct {                                 \
        char magic[8];                                                                             \
        uint32_t abi;                                                                              \
        uint32_t len;                                                                              \
        char manifest[sizeof(json) - 1];                                                           \
    } vahta_manifest_section = {{'V', 'A', 'H', 'T', 'A', 'P', 'L', 'G'},                          \
                                VAHTA_ABI,                                                         \
                                sizeof(json) - 1,                                                  \
                                json}
#endif

/* The layout this version means on 64-bit machines. */
#if defined(__cplusplus)
#define VAHTA_ASSERT(cond) static_assert(cond, #cond)
#else
#define VAHTA_ASSERT(cond) _Static_assert(cond, #cond)
#endif
#if UINTPTR_MAX == UINT64_MAX
VAHTA_ASSERT(sizeof(vahta_bytes) == 16);
VAHTA_ASSERT(sizeof(vahta_reply) == 16);
VAHTA_ASSERT(sizeof(vahta_host) == 32);
VAHTA_ASSERT(sizeof(vahta_plugin) == 40);
VAHTA_ASSERT(offsetof(vahta_host, call) == 16);
VAHTA_ASSERT(offsetof(vahta_plugin, start) == 8);
#endif

#ifdef __cplusplus
}
#endif
#endif
