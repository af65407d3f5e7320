/* The tile instructions that chargru/engine/native/c/tiles.h uses, as functions in C; for tests on processors without AMX.
 *
 * After the pseudocode of Intel's manual (volume 2): a thread's tiles are zero until they are configured; a row
 * of a left tile holds pairs, row k of a right tile the pairs k of its columns; operands below the normal range
 * count as zero. An instruction on tiles that nobody configured, or of another shape, ends the process.
 */
#include <stdlib.h>

#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero
#undef _tile_dpbf16ps
#define _tile_loadconfig emulated_configure
#define _tile_release emulated_release
#define _tile_loadd emulated_load
#define _tile_stored emulated_store
#define _tile_zero emulated_zero
#define _tile_dpbf16ps emulated_multiply

static _Thread_local struct { uint16_t columns; uint8_t rows; char bytes[16][64]; } emulated[8];

static int may_use_products(void) { return 1; }

static void emulated_configure(const void *memory) {
    const uint8_t *bytes = memory;
    if (bytes[0] != 1) abort();
    for (int i = 0; i < 8; i++) {
        memset(&emulated[i], 0, sizeof emulated[i]);
        memcpy(&emulated[i].columns, bytes + 16 + 2 * i, 2);
        emulated[i].rows = bytes[48 + i];
        if (emulated[i].rows > 16 || emulated[i].columns > 64) abort();
    }
}

static void emulated_release(void) { memset(emulated, 0, sizeof emulated); }

static void emulated_zero(int tile) {
    if (!emulated[tile].rows) abort();
    memset(emulated[tile].bytes, 0, sizeof emulated[tile].bytes);
}

static void emulated_load(int tile, const void *from, int64_t stride) {
    emulated_zero(tile);
    for (int i = 0; i < emulated[tile].rows; i++)
        memcpy(emulated[tile].bytes[i], (const char *)from + i * stride, emulated[tile].columns);
}

static void emulated_store(int tile, void *to, int64_t stride) {
    if (!emulated[tile].rows) abort();
    for (int i = 0; i < emulated[tile].rows; i++)
        memcpy((char *)to + i * stride, emulated[tile].bytes[i], emulated[tile].columns);
}

/* Number `half` of pair `pair` in row `row`. */
static float emulated_number(int tile, int row, int pair, int half) {
    uint16_t rounded;
    memcpy(&rounded, emulated[tile].bytes[row] + 4 * pair + 2 * half, 2);
    const uint32_t bits = rounded & 0x7f80 ? (uint32_t)rounded << 16 : (uint32_t)(rounded & 0x8000) << 16;
    float number;
    memcpy(&number, &bits, 4);
    return number;
}

static void emulated_multiply(int sum, int left, int right) {
    const int depth = emulated[left].columns / 4, columns = emulated[sum].columns / 4;
    if (!depth || depth != emulated[right].rows || emulated[sum].rows != emulated[left].rows) abort();
    for (int i = 0; i < emulated[sum].rows; i++)
        for (int j = 0; j < columns; j++) {
            float total;
            memcpy(&total, emulated[sum].bytes[i] + 4 * j, 4);
            for (int k = 0; k < depth; k++)
                for (int half = 0; half < 2; half++)
                    total += emulated_number(left, i, k, half) * emulated_number(right, k, j, half);
            memcpy(emulated[sum].bytes[i] + 4 * j, &total, 4);
        }
}
