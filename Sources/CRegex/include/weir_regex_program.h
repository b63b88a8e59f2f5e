/* RE2 for C: what weir/ext/regex.h needs of it. Everything may be called on any thread. */
#ifndef WEIR_REGEX_PROGRAM_H
#define WEIR_REGEX_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct weir_regex_program weir_regex_program;

/* What a group matched, in bytes from the start of the text; `start` SIZE_MAX: nothing. */
typedef struct weir_regex_range {
    size_t start;
    size_t end;
} weir_regex_range;

/* What is wrong with a pattern. */
typedef struct weir_regex_fault {
    char message[160];   /* RE2's words, with a final zero; cut if they are long */
    size_t start;        /* bytes of the pattern that are meant; SIZE_MAX: all of it */
    size_t length;
} weir_regex_fault;

/* NULL: the fault is filled in. A program may take up to `memory` bytes, what it learns while it
 * matches included. */
weir_regex_program *weir_regex_compile(const char *pattern, size_t length, bool case_insensitive,
                                       bool dot_matches_newline, int64_t memory,
                                       weir_regex_fault *fault);
void weir_regex_free(weir_regex_program *program);

/* Groups beside group 0. */
int weir_regex_group_count(const weir_regex_program *program);
/* The name of a group, as long as the program lives; "" if it has none. */
const char *weir_regex_group_name(const weir_regex_program *program, int group);

/* Fills in the first `count` ranges, beginning with group 0. `whole`: the match begins at `from` and
 * ends with the text. */
bool weir_regex_match(const weir_regex_program *program, const char *text, size_t length,
                      size_t from, bool whole, weir_regex_range *ranges, int count);

#endif
