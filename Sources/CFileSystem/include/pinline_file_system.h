#pragma once

#include <stdint.h>

/// Waits until the disk has taken `count` bytes of a file from `position` on, without making them durable.
///
/// Returns 0, or an error number; 0 as well where the system has no such call.
int pinline_hand_over_range(int descriptor, int64_t position, int64_t count);
