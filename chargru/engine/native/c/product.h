/* The product of a tile in registers, and the walk over lanes, tile by tile. */

INLINE int may_use_products(void) { return 1; }
INLINE void begin_products(void) {}
INLINE void end_products(void) {}

/* The loop that follows, in full: a tile's sums have names only then. */
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 8")
#endif

/* tile[m][v] = sum over k of left[m][k] times packed[k * step + v * WIDTH ...]. `m_count` and `v_count` are
 * constants where this is inlined, so that `sums` lives in registers. */
INLINE void product(int m_count, int v_count, vec *tile, operand left, const REAL *packed, int64_t step) {
    vec sums[MR][3];
    UNROLLED
    for (int m = 0; m < m_count; m++)
        UNROLLED
        for (int v = 0; v < v_count; v++) sums[m][v] = (vec){0};
    for (int64_t k = 0; k < left.count; k++, left.from += left.k_stride, packed += step) {
        vec right[3];
        UNROLLED
        for (int v = 0; v < v_count; v++) {
            right[v] = load(packed + v * WIDTH);
            KEEP_IN_REGISTER(right[v]); /* gcc would rather load it again for each lane, what a tile is to save */
        }
        UNROLLED
        for (int m = 0; m < m_count; m++) {
            const vec factor = broadcast(left.from[m * left.row_stride]);
            UNROLLED
            for (int v = 0; v < v_count; v++) sums[m][v] = multiply_add(sums[m][v], factor, right[v]);
        }
    }
    UNROLLED
    for (int m = 0; m < m_count; m++)
        UNROLLED
        for (int v = 0; v < v_count; v++) tile[m * v_count + v] = sums[m][v];
}

/* Calls TILE(m, b, ...) for the lanes FIRST <= b < LAST, m of them at a time, m a constant in each call. */
#define EACH_TILE(TILE, FIRST, LAST, ...)                                \
    for (int64_t b_ = (FIRST), left_ = (LAST) - b_; left_ > 0;) {        \
        int m_ = 1;                                                      \
        if (MR >= 8 && left_ >= 8) TILE(m_ = MR, b_, __VA_ARGS__);       \
        else if (left_ >= 4) TILE(m_ = 4, b_, __VA_ARGS__);              \
        else if (left_ >= 2) TILE(m_ = 2, b_, __VA_ARGS__);              \
        else TILE(1, b_, __VA_ARGS__);                                   \
        b_ += m_, left_ -= m_;                                           \
    }
