extern "C" {
#include "weir_regex_program.h"
}

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

using re2::RE2;
using re2::StringPiece;

struct weir_regex_program {
    weir_regex_program(const StringPiece &pattern, const RE2::Options &options)
        : expression(pattern, options), names(expression.CapturingGroupNames()) {}

    RE2 expression;
    std::map<int, std::string> names;
};

namespace {

/* RE2 says which fragment is wrong, not where it stands: that is the first place at which a pattern
 * that ends with it has the same fault. */
void locate(const StringPiece &pattern, const RE2 &expression, weir_regex_fault *fault) {
    const std::string &fragment = expression.error_arg();
    const std::string text(pattern.data(), pattern.size());
    if (expression.error_code() == RE2::ErrorTrailingBackslash) {
        fault->start = text.size() - 1;
        fault->length = 1;
        return;
    }
    if (fragment.empty() || fragment.size() >= text.size()) return;
    /* A pattern with very many such fragments is not worth the time. */
    size_t at = text.find(fragment);
    for (int tries = 0; at != std::string::npos && tries < 64; tries++) {
        RE2 part(StringPiece(text.data(), at + fragment.size()), expression.options());
        if (part.error_code() == expression.error_code() && part.error_arg() == fragment) {
            fault->start = at;
            fault->length = fragment.size();
            return;
        }
        at = text.find(fragment, at + 1);
    }
}

void say(const std::string &error, weir_regex_fault *fault) {
    size_t kept = std::min(error.size(), sizeof fault->message - 1);
    while (kept < error.size() && kept > 0 && (error[kept] & 0xC0) == 0x80) kept--;
    memcpy(fault->message, error.data(), kept);
    fault->message[kept] = 0;
    fault->start = SIZE_MAX;
    fault->length = 0;
}

/* A name that two groups have: this version of RE2 lets it pass, Go does not. */
const std::string *repeated_name(const weir_regex_program &program) {
    const std::map<std::string, int> &first = program.expression.NamedCapturingGroups();
    for (const auto &entry : program.names)
        if (first.at(entry.second) != entry.first) return &entry.second;
    return nullptr;
}

} // namespace

weir_regex_program *weir_regex_compile(const char *pattern, size_t length, bool case_insensitive,
                                       bool dot_matches_newline, int64_t memory,
                                       weir_regex_fault *fault) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!case_insensitive);
    options.set_dot_nl(dot_matches_newline);
    options.set_max_mem(memory);
    StringPiece text(pattern, length);
    auto *program = new weir_regex_program(text, options);
    if (!program->expression.ok()) {
        say(program->expression.error(), fault);
        locate(text, program->expression, fault);
    } else if (const std::string *name = repeated_name(*program)) {
        say("two groups have the name " + *name, fault);
    } else {
        return program;
    }
    delete program;
    return nullptr;
}

void weir_regex_free(weir_regex_program *program) { delete program; }

int weir_regex_group_count(const weir_regex_program *program) {
    return program->expression.NumberOfCapturingGroups();
}

const char *weir_regex_group_name(const weir_regex_program *program, int group) {
    auto found = program->names.find(group);
    return found == program->names.end() ? "" : found->second.c_str();
}

bool weir_regex_match(const weir_regex_program *program, const char *text, size_t length,
                      size_t from, bool whole, weir_regex_range *ranges, int count) {
    /* An empty text must not be NULL: that is how RE2 says "no match" in a capture. */
    StringPiece subject(text ? text : "", length);
    if (from > length) return false;
    RE2::Anchor anchor = whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
    if (count <= 0) {
        return program->expression.Match(subject, from, length, anchor, nullptr, 0);
    }
    /* RE2 wants no more than it has groups. */
    int wanted = std::min(count, 1 + program->expression.NumberOfCapturingGroups());
    StringPiece few[16];
    std::vector<StringPiece> many;
    StringPiece *found = few;
    if (wanted > 16) {
        many.resize(wanted);
        found = many.data();
    }
    if (!program->expression.Match(subject, from, length, anchor, found, wanted)) return false;
    for (int index = 0; index < count; index++) {
        if (index >= wanted || found[index].data() == nullptr) {
            ranges[index] = {SIZE_MAX, SIZE_MAX};
        } else {
            size_t start = found[index].data() - subject.data();
            ranges[index] = {start, start + found[index].size()};
        }
    }
    return true;
}
