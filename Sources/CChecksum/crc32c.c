#include "CChecksum.h"
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define POLYNOMIAL 0x82F63B78u

// Slicing by eight: table[k][b] is the remainder of byte b followed by k zero bytes.
static uint32_t table[8][256];
// Shifts a remainder over STRIPE zero bytes, one table for each of its bytes: joins streams computed side by side.
enum { STRIPE = 512 };
static uint32_t shift[4][256];
static bool has_instruction;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint32_t over_zero_bytes(uint32_t crc, size_t count) {
    while (count--) crc = (crc >> 8) ^ table[0][crc & 0xFF];
    return crc;
}

static void prepare(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int zeros = 1; zeros < 8; zeros++) {
            uint32_t crc = table[zeros - 1][byte];
            table[zeros][byte] = (crc >> 8) ^ table[0][crc & 0xFF];
        }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int place = 0; place < 4; place++) shift[place][byte] = over_zero_bytes(byte << (8 * place), STRIPE);
#if defined(__x86_64__)
    has_instruction = __builtin_cpu_supports("sse4.2");
#elif defined(__ARM_FEATURE_CRC32)
    has_instruction = true;
#endif
}

static uint32_t portable(uint32_t crc, const unsigned char *next, size_t length) {
    while (length >= 8) {
        uint64_t word = 0;
        for (int i = 7; i >= 0; i--) word = word << 8 | next[i];
        word ^= crc;
        crc = table[7][word & 0xFF] ^ table[6][word >> 8 & 0xFF] ^ table[5][word >> 16 & 0xFF] ^
              table[4][word >> 24 & 0xFF] ^ table[3][word >> 32 & 0xFF] ^ table[2][word >> 40 & 0xFF] ^
              table[1][word >> 48 & 0xFF] ^ table[0][word >> 56];
        next += 8;
        length -= 8;
    }
    while (length--) crc = (crc >> 8) ^ table[0][(crc ^ *next++) & 0xFF];
    return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
#define INSTRUCTION __attribute__((target("sse4.2")))
#define STEP8(crc, word) ((uint32_t)_mm_crc32_u64(crc, word))
#define STEP1(crc, byte) _mm_crc32_u8(crc, byte)
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define INSTRUCTION
#define STEP8(crc, word) __crc32cd(crc, word)
#define STEP1(crc, byte) __crc32cb(crc, byte)
#endif

#ifdef INSTRUCTION
static uint64_t load(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

static uint32_t over_stripe(uint32_t crc) {
    return shift[0][crc & 0xFF] ^ shift[1][crc >> 8 & 0xFF] ^ shift[2][crc >> 16 & 0xFF] ^ shift[3][crc >> 24];
}

// The instruction takes three cycles but can start every cycle: three streams side by side keep it busy.
INSTRUCTION static uint32_t by_instruction(uint32_t crc, const unsigned char *next, size_t length) {
    while (length >= 3 * STRIPE) {
        uint32_t second = 0, third = 0;
        for (size_t i = 0; i < STRIPE; i += 8) {
            crc = STEP8(crc, load(next + i));
            second = STEP8(second, load(next + STRIPE + i));
            third = STEP8(third, load(next + 2 * STRIPE + i));
        }
        crc = over_stripe(over_stripe(crc) ^ second) ^ third;
        next += 3 * STRIPE;
        length -= 3 * STRIPE;
    }
    for (; length >= 8; next += 8, length -= 8) crc = STEP8(crc, load(next));
    while (length--) crc = STEP1(crc, *next++);
    return crc;
}
#endif

uint32_t pinline_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    pthread_once(&once, prepare);
    return ~portable(~crc, bytes, length);
}

uint32_t pinline_crc32c(uint32_t crc, const void *bytes, size_t length) {
    pthread_once(&once, prepare);
#ifdef INSTRUCTION
    if (has_instruction) return ~by_instruction(~crc, bytes, length);
#endif
    return ~portable(~crc, bytes, length);
}
