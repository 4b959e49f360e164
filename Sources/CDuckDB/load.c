#define _GNU_SOURCE
#include "cduckdb.h"

#include <dlfcn.h>
#include <stdio.h>

#define DK_TRAMPOLINE(ret, name, params, args) \
    static ret(*p_##name) params; \
    ret dk_##name params { return p_##name args; }
#define DK_TRAMPOLINE_VOID(name, params, args) \
    static void(*p_##name) params; \
    void dk_##name params { p_##name args; }
DK_EACH(DK_TRAMPOLINE)
DK_EACH_VOID(DK_TRAMPOLINE_VOID)

const char *dk_load(const char *path) {
    static char reason[512];
    // Local: the library's symbols must not become visible to others. Lazy: most of its many calls are never made.
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!library) {
        const char *error = dlerror();
        snprintf(reason, sizeof reason, "%s", error ? error : "it cannot be opened");
        return reason;
    }
    // All or nothing: a library that lacks a call must not replace one that is in use.
    const char *missing = 0;
#define DK_CHECK(ret, name, params, args) \
    if (!dlsym(library, "duckdb_" #name)) missing = "duckdb_" #name;
#define DK_CHECK_VOID(name, params, args) DK_CHECK(void, name, params, args)
    DK_EACH(DK_CHECK)
    DK_EACH_VOID(DK_CHECK_VOID)
    if (missing) {
        snprintf(reason, sizeof reason, "it lacks the function %s (DuckDB 1.4 or later is needed)", missing);
        dlclose(library);
        return reason;
    }
#define DK_LOOKUP(ret, name, params, args) p_##name = (ret(*) params)dlsym(library, "duckdb_" #name);
#define DK_LOOKUP_VOID(name, params, args) DK_LOOKUP(void, name, params, args)
    DK_EACH(DK_LOOKUP)
    DK_EACH_VOID(DK_LOOKUP_VOID)
    return 0;
}
