// The functions of malloc for the whole test process, counted by thread; the memory is glibc's.

#include "CAllocationCount.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static __thread bool counting;
static __thread ptrdiff_t live;
static __thread ptrdiff_t peak;

static void *added(void *memory) {
    if (counting && memory) {
        live += (ptrdiff_t)malloc_usable_size(memory);
        if (live > peak) peak = live;
    }
    return memory;
}

static void removed(void *memory) {
    if (counting && memory) live -= (ptrdiff_t)malloc_usable_size(memory);
}

void *malloc(size_t size) { return added(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return added(__libc_calloc(count, size)); }

void *realloc(void *memory, size_t size) {
    ptrdiff_t before = counting && memory ? (ptrdiff_t)malloc_usable_size(memory) : 0;
    void *moved = __libc_realloc(memory, size);
    if (moved || size == 0) {
        if (counting) live -= before;
        return added(moved);
    }
    return moved;
}

void *memalign(size_t alignment, size_t size) { return added(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return added(__libc_memalign(alignment, size)); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) || alignment == 0 || (alignment & (alignment - 1))) return EINVAL;
    void *made = added(__libc_memalign(alignment, size));
    if (!made) return ENOMEM;
    *memory = made;
    return 0;
}

void free(void *memory) {
    removed(memory);
    __libc_free(memory);
}

bool allocation_count_is_available(void) { return true; }

void allocation_count_begin(void) {
    live = peak = 0;
    counting = true;
}

ptrdiff_t allocation_count_end(void) {
    counting = false;
    return peak;
}
#else
bool allocation_count_is_available(void) { return false; }
void allocation_count_begin(void) {}
ptrdiff_t allocation_count_end(void) { return 0; }
#endif
