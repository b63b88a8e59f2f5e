/* ext/regex.h: regular expressions with RE2's syntax and promise: time linear in the text, bounded
 * memory. Patterns and texts are UTF-8; a byte that is not matches nothing. */
#ifndef WEIR_EXT_REGEX_H
#define WEIR_EXT_REGEX_H

#include "../host.h"

#define WEIR_EXT_REGEX "weir.regex/1"

typedef struct weir_regex weir_regex; /* the host's own */

enum {
    WEIR_REGEX_CASE_INSENSITIVE = 1u << 0, /* as (?i) */
    WEIR_REGEX_DOT_MATCHES_NEWLINE = 1u << 1 /* as (?s) */
};

enum {
    WEIR_REGEX_SEARCH = 0, /* the leftmost match anywhere */
    WEIR_REGEX_WHOLE = 1   /* from where it begins to the end of the text, or not at all */
};

/* What a group matched, as offsets in bytes from the start of the text. */
typedef struct weir_capture {
    size_t start; /* WEIR_NO_CAPTURE: the group took no part in the match */
    size_t end;
} weir_capture;
#define WEIR_NO_CAPTURE SIZE_MAX

typedef struct weir_regex_api {
    uint32_t size;
    uint32_t reserved;
    /* WEIR_INVALID: the error says what is wrong with the pattern, and where. `flags`: OR of
     * WEIR_REGEX_CASE_INSENSITIVE, ...; others are WEIR_UNSUPPORTED. [any-thread] */
    weir_status (*compile)(const weir_host *, weir_slice pattern, uint32_t flags, weir_regex **,
                           weir_error *);
    void (*release)(const weir_host *, weir_regex *); /* [any-thread] */
    /* Groups in the pattern, beside group 0, which is the whole match. [any-thread] */
    uint32_t (*group_count)(const weir_host *, const weir_regex *);
    /* The name of a group, valid until release; empty if it has none. [any-thread] */
    weir_slice (*group_name)(const weir_host *, const weir_regex *, uint32_t group);
    /* Matches the text from byte `from` on; what lies before counts for ^ and \b. Fills in
     * `capture_count` captures beginning with group 0: fewer are faster, 0 the fastest. False: no
     * match, the captures are left alone. [any-thread] */
    bool (*match)(const weir_host *, const weir_regex *, weir_slice text, size_t from,
                  uint32_t mode, weir_capture *captures, uint32_t capture_count);
} weir_regex_api;

#endif
