/* Tells when every emission that began before a moment has ended, so that what they used may go.
 *
 * An emission reads what follows a component, and hands a batch to it, on one thread, without a lock.
 * A reload puts something else there, and then has to know that nobody is on the old way any more. */
#ifndef WEIR_EMISSION_H
#define WEIR_EMISSION_H

#include <stdbool.h>
#include <stdint.h>

/* This thread begins or ends an emission. They nest. */
void weir_emission_begin(void);
void weir_emission_end(void);

/* A moment: after what the caller did before, ahead of what it does next. */
uint64_t weir_emission_mark(void);

/* Whether all emissions that began before the moment have ended. Those of the calling thread count,
 * too: never true within one. */
bool weir_emission_ended(uint64_t mark);

#endif
