/* The gradient of a weight over a whole window: the sum over all rows of left times right, tile by tile. */

INLINE void sum_tile(int m, int64_t b, const window *w, int64_t k, int64_t j, operand left, int64_t left_b,
                     const REAL *panel) {
    vec tile[MR * NR_VECTORS];
    product(m, NR_VECTORS, tile, left_from(left, b - left_b), panel, NR);
    for (int row = 0; row < m; row++)
        for (int v = 0; v < NR_VECTORS; v++) {
            const int64_t i = j + v * WIDTH, count = w->right_count - i;
            REAL *out = w->sum + (b + row) * w->right_count + i;
            const vec part = tile[row * NR_VECTORS + v];
            if (count > 0) store_part(out, k ? part + load_part(out, count) : part, count);
        }
}

enum { PANEL_SIZE = KC * NR / PER_UNIT, SPACE = PANEL_SIZE + MC * KC / PER_UNIT };

/* The part of rows k <= row < k + depth in `sum`, for its rows first <= b < last. Works in `space`, SPACE numbers that
 * are nothing else, hence `restrict`: the compiler need not read the task again after each store. */
static void sum_panels(const window *w, int64_t k, int64_t depth, int64_t first, int64_t last, REAL *restrict space) {
    REAL *panel = space;
    const operand columns = pack_left(w, k, depth, first, last, space + PANEL_SIZE);
    for (int64_t j = 0; j < w->right_count; j += NR) {
        pack_right(w, k, depth, j, panel);
        EACH_TILE(sum_tile, first, last, w, k, j, columns, first, panel)
    }
}

static void sum_rows(const window *w, int64_t first, int64_t last, REAL *restrict space) {
    const int64_t rows = w->steps * w->lanes;
    for (int64_t k = 0; k < rows; k += KC)
        for (int64_t b = first; b < last; b += MC)
            sum_panels(w, k, rows - k < KC ? rows - k : KC, b, last - b < MC ? last : b + MC, space);
}
