/* What products read, in the type of the numbers themselves: states and gradients where they are, W_hh in panels.
 *
 * operands_bfloat16.h has the same functions for rounded operands; kernels.c takes one of the two.
 */

/* A unit is what a product reads for one k: one number here. P is a multiple of MULTIPLE. A product takes
 * MR lanes at a time. */
enum { PER_UNIT = 1, MULTIPLE = WIDTH, MR = BYTES == 32 ? 4 : 8 };
enum { MC = 1024 / sizeof(REAL), SPARE = 0 };

/* Not 0 + number, which is an addition: 0 + -0 is not -0. */
INLINE vec broadcast(REAL number) { return number - (vec){0}; }
INLINE vec multiply_add(vec sum, vec factor, vec right) { return sum + right * factor; }

/* ---- the left side of a product ---- */

INLINE int64_t state_units(const window *w) { return w->hidden; }

INLINE operand old_state(const window *w, int64_t t, int64_t b) {
    return (operand){at(w, t, b).h_old, w->hidden, 1, w->hidden};
}

/* r * h, reset before. */
INLINE operand reset_state(const window *w, int64_t t, int64_t b) {
    return (operand){at(w, t, b).rows + 3 * w->padded, 4 * w->padded, 1, w->hidden};
}

/* Gradients at r and z and, with reset after, at W_hn h + b_hn. */
INLINE operand gate_gradients(const window *w, int64_t t, int64_t b) {
    const int64_t P = w->padded;
    return (operand){w->rows + (t * w->lanes + b) * 4 * P + P, 4 * P, 1, (w->before ? 2 : 3) * P};
}

INLINE operand candidate_gradients(const window *w, int64_t t, int64_t b) {
    return (operand){at(w, t, b).rows, 4 * w->padded, 1, w->padded};
}

/* What later products read passes through these; here it is in place already. */
INLINE void keep_state(const window *w, int64_t t, int64_t b, int64_t i, vec h) {}
INLINE void keep_reset_state(const window *w, int64_t b, int64_t i, vec rh) {}
INLINE void keep_gradient(const window *w, int64_t t, int64_t b, int64_t slot, int64_t i, vec gradient) {}
static void keep_first_state(const window *w, int64_t first, int64_t last) {}

/* ---- W_hh in panels ---- */

/* Panel j of the forward packing: for each k, the WIDTH columns j of W_hr, W_hz, W_hn transposed. */
static void pack_forward_panel(const window *w, int64_t j) {
    const int64_t H = w->hidden;
    REAL *out = w->packed + j * H * 3 * WIDTH;
    for (int64_t gate = 0; gate < 3; gate++)
        for (int64_t i = 0; i < WIDTH; i++) {
            const int64_t unit = j * WIDTH + i;
            const REAL *row = w->weight + (gate * H + unit) * H;
            for (int64_t k = 0; k < H; k++) out[(k * 3 + gate) * WIDTH + i] = unit < H ? row[k] : 0;
        }
}

/* Panel j of the backward packing: for each row k of W_hh (P rows a gate), its columns from NR j on. */
static void pack_backward_panel(const window *w, int64_t j) {
    const int64_t H = w->hidden, P = w->padded, i = j * NR;
    const int64_t size = P - i < NR ? P - i : NR, count = H - i < size ? H - i : size;
    for (int64_t gate = 0; gate < 3; gate++)
        for (int64_t k = 0; k < P; k++) {
            REAL *out = w->packed + i * 3 * P + (gate * P + k) * size;
            memset(out, 0, size * sizeof(REAL));
            if (k < H) memcpy(out, w->weight + (gate * H + k) * H + i, count * sizeof(REAL));
        }
}

/* ---- both sides of a weight's gradient, rows k <= row < k + depth ---- */

/* Columns b.. of `left`, MR of them at a time, row after row: where they are, rows lie a power of two apart and
 * push each other out of the cache. */
static operand pack_left(const window *w, int64_t k, int64_t depth, int64_t b, int64_t last, REAL *restrict space) {
    for (int64_t i = b; i < last; i += MR) {
        const REAL *from = w->left + k * w->left_stride + i;
        REAL *out = space + (i - b) * KC;
        for (int64_t unit = 0; unit < depth; unit++, from += w->left_stride, out += MR) {
            if (last - i >= MR) memcpy(out, from, MR * sizeof(REAL)); /* of a constant size, so no call */
            else memcpy(out, from, (last - i) * sizeof(REAL));
        }
    }
    return (operand){space, 1, MR, depth};
}

/* What pack_left made, from its column `column` on. */
INLINE operand left_from(operand left, int64_t column) {
    left.from += column / MR * MR * KC + column % MR;
    return left;
}

/* NR columns j.. of `right`, row after row. */
static void pack_right(const window *w, int64_t k, int64_t depth, int64_t j, REAL *restrict panel) {
    for (int64_t end = k + depth; k < end; k++)
        for (int64_t i = j; i < j + NR; i += WIDTH, panel += WIDTH) {
            const int64_t count = w->right_count - i;
            store(panel, count > 0 ? load_part(right_row(w, k) + i, count) : (vec){0});
        }
}
