#define _GNU_SOURCE
#include "pinline_file_system.h"

#include <errno.h>
#include <fcntl.h>

int pinline_hand_over_range(int descriptor, int64_t position, int64_t count) {
#ifdef SYNC_FILE_RANGE_WRITE
    unsigned int flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (sync_file_range(descriptor, position, count, flags) == 0) return 0;
    // Not every file system can.
    return errno == EINVAL || errno == ENOSYS || errno == ESPIPE || errno == EOPNOTSUPP ? 0 : errno;
#else
    return 0;
#endif
}
