#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `length` bytes, continuing from `crc` (0 at the start).
///
/// Uses the processor's own instruction where there is one (SSE4.2, ARMv8 CRC), found out at run time on x86-64;
/// elsewhere a portable table method. All give the same result.
uint32_t pinline_crc32c(uint32_t crc, const void *bytes, size_t length);

/// The portable method alone, so that tests can compare the two.
uint32_t pinline_crc32c_portable(uint32_t crc, const void *bytes, size_t length);
