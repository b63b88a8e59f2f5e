#include "weir_names.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

/* Answers over TCP may be this long. */
enum { LONGEST_ANSWER = 65535 };

static int read_name(ns_msg message, const unsigned char *at, char *text, size_t size) {
    return ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), at, text, size);
}

/* Fills in what a record of this type says; 0 if it says nothing that can be read. */
static int read_record(ns_msg message, const ns_rr *from, weir_name_record *record, char *text,
                       size_t size) {
    const unsigned char *data = ns_rr_rdata(*from);
    size_t length = ns_rr_rdlen(*from);
    record->ttl = ns_rr_ttl(*from);
    record->target = text;
    switch (ns_rr_type(*from)) {
    case ns_t_a: return length == 4 && inet_ntop(AF_INET, data, text, size) != NULL;
    case ns_t_aaaa: return length == 16 && inet_ntop(AF_INET6, data, text, size) != NULL;
    case ns_t_ns: return read_name(message, data, text, size) >= 0;
    case ns_t_mx:
        if (length < 3) return 0;
        record->priority = ns_get16(data);
        return read_name(message, data + 2, text, size) >= 0;
    case ns_t_srv:
        if (length < 7) return 0;
        record->priority = ns_get16(data);
        record->weight = ns_get16(data + 2);
        record->port = ns_get16(data + 4);
        return read_name(message, data + 6, text, size) >= 0;
    default: return 0;
    }
}

static int failure(const struct __res_state *state) {
    switch (state->res_h_errno) {
    case HOST_NOT_FOUND:
    case NO_DATA: return WEIR_NAME_ANSWERED;
    case NO_RECOVERY: return WEIR_NAME_REFUSED;
    default: return WEIR_NAME_FAILED;
    }
}

int weir_name_search(const char *name, int type, const char *server, uint16_t port,
                     unsigned seconds,
                     void (*found)(void *context, const weir_name_record *record), void *context) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return WEIR_NAME_FAILED;
    if (server != NULL) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
        if (inet_pton(AF_INET, server, &address.sin_addr) != 1) {
            res_nclose(&state);
            return WEIR_NAME_INVALID;
        }
        state.nscount = 1;
        state.nsaddr_list[0] = address;
    }
    if (seconds > 0 && (unsigned)state.retrans > seconds) state.retrans = (int)seconds;

    unsigned char answer[LONGEST_ANSWER];
    int length = res_nsearch(&state, name, ns_c_in, type, answer, sizeof answer);
    int result = WEIR_NAME_ANSWERED;
    ns_msg message;
    if (length < 0) {
        result = failure(&state);
    } else if (length > (int)sizeof answer || ns_initparse(answer, length, &message) != 0) {
        result = WEIR_NAME_FAILED;
    } else {
        for (int index = 0; index < ns_msg_count(message, ns_s_an); index++) {
            ns_rr record;
            if (ns_parserr(&message, ns_s_an, index, &record) != 0) break;
            /* An alias on the way to the answer is another type. */
            if ((int)ns_rr_type(record) != type || ns_rr_class(record) != ns_c_in) continue;
            weir_name_record said = {0};
            char text[NS_MAXDNAME];
            if (read_record(message, &record, &said, text, sizeof text)) found(context, &said);
        }
    }
    res_nclose(&state);
    return result;
}
