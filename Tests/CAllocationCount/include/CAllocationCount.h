#pragma once

#include <stdbool.h>
#include <stddef.h>

/// Whether allocations of this process can be counted: with glibc they can.
bool allocation_count_is_available(void);

/// Begins to count what this thread allocates and frees.
void allocation_count_begin(void);

/// Ends it: the most bytes that were allocated and not freed at one time, beyond those at the beginning.
ptrdiff_t allocation_count_end(void);
