/* The product of a tile by the matrix units of AMX: 16 lanes times 16 hidden indices times 16 pairs at a time.
 *
 * Left rows beyond the lanes of a tile are read too, hence SPARE; what comes of them is not used. With
 * EMULATE_TILES the instructions are functions in C, for processors that lack them.
 */
#ifdef EMULATE_TILES
#include "tiles_emulated.h"
#else
#include <sys/syscall.h>
#include <unistd.h>

/* Linux gives tile registers to processes that asked: ARCH_REQ_XCOMP_PERM for XTILEDATA, once a process. */
INLINE int may_use_products(void) { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }
#endif

enum { MR = 32 }; /* two rows of tiles */

/* Palette 1, eight tiles of 16 rows of 64 bytes, as LDTILECFG reads it. */
static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes_per_row[16];
    uint8_t rows[16];
} EIGHT_TILES = {1, 0, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

/* Each thread sets up its tiles before a task and lets go of them after it. */
INLINE void begin_products(void) { _tile_loadconfig(&EIGHT_TILES); }
INLINE void end_products(void) { _tile_release(); }

/* Tiles 0 to 2 sum the first 16 lanes of up to three vectors, 3 to 5 the next 16; 6 is left, 7 right. */
#define ADD_PRODUCTS(V, UPPER, LOWER)                                                     \
    if (V < v_count) {                                                                    \
        _tile_loadd(7, packed + V * WIDTH, step * sizeof(REAL));                          \
        _tile_loadd(6, left.from, left.row_stride * sizeof(REAL));                        \
        _tile_dpbf16ps(UPPER, 6, 7);                                                      \
        if (m_count > 16) {                                                               \
            _tile_loadd(6, left.from + 16 * left.row_stride, left.row_stride * sizeof(REAL)); \
            _tile_dpbf16ps(LOWER, 6, 7);                                                  \
        }                                                                                 \
    }

#define STORE_SUMS(V, UPPER, LOWER)                                                       \
    if (V < v_count) {                                                                    \
        _tile_stored(UPPER, tile + V, v_count * sizeof(vec));                             \
        if (m_count > 16) _tile_stored(LOWER, tile + 16 * v_count + V, v_count * sizeof(vec)); \
    }

/* tile[m][v] = sum over k of left[m][k] times packed[k * step + v * WIDTH ...], k in pairs, a multiple of 16. */
INLINE void product(int m_count, int v_count, vec *tile, operand left, const REAL *packed, int64_t step) {
    _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3); _tile_zero(4); _tile_zero(5);
    __asm__ volatile("" ::: "memory"); /* tile loads do not tell the compiler what they read */
    for (int64_t k = 0; k < left.count; k += 16, left.from += 16, packed += 16 * step) {
        ADD_PRODUCTS(0, 0, 3)
        ADD_PRODUCTS(1, 1, 4)
        ADD_PRODUCTS(2, 2, 5)
    }
    STORE_SUMS(0, 0, 3)
    STORE_SUMS(1, 1, 4)
    STORE_SUMS(2, 2, 5)
    __asm__ volatile("" ::: "memory");
}

/* Calls TILE(m, b, ...) for the lanes FIRST <= b < LAST, up to MR of them at a time. */
#define EACH_TILE(TILE, FIRST, LAST, ...)                                \
    for (int64_t b_ = (FIRST); b_ < (LAST); b_ += MR) {                  \
        const int m_ = (LAST) - b_ < MR ? (int)((LAST) - b_) : MR;       \
        TILE(m_, b_, __VA_ARGS__);                                       \
    }
