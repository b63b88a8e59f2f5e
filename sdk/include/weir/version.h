/* version.h: what a plugin and a host agree on before they talk.
 *
 * WEIR_ABI_EPOCH  A host loads a plugin only if both have the same epoch. It changes when something
 *                 that was released has to go, which is meant to happen never.
 * WEIR_ABI_MINOR  Goes up when something is added. A plugin may run on a host with a lower minor:
 *                 it finds functions missing by `size` and extensions missing by NULL.
 *
 * The promise. Once a release contains a struct, function or constant, it stays as it is, and so
 * does its documented meaning. Additions go to the end of structs that begin with `size`, or get a
 * new name with a number (`weir.timer/2`); the old one stays for at least four releases after the
 * new one. Constants that the host passes to plugins may grow: treat one that you do not know as
 * the comment beside it says.
 *
 * `size`. Whoever makes a struct writes sizeof into `size`. Whoever reads it looks at a field only
 * if the field lies within `size`: WEIR_HAS(struct pointer, field).
 */
#ifndef WEIR_VERSION_H
#define WEIR_VERSION_H

#include <stddef.h>

#define WEIR_ABI_EPOCH 1
#define WEIR_ABI_MINOR 1

#define WEIR_HAS(pointer, field)                                                                   \
    ((pointer)->size >= offsetof(__typeof__(*(pointer)), field) + sizeof((pointer)->field))

#endif
