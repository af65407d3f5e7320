/* One GRU layer over a whole window: the recurrence, forward and backward, for a block of lanes.
 *
 * A lane's steps depend on no other lane, so each thread takes a block of lanes and runs all steps of it,
 * without a barrier. A tile is LANES lanes times a panel of hidden indices: its product with W_hh stays in
 * registers and the pointwise part follows at once. Every sum over k runs in the order of k, so a lane's
 * numbers do not depend on the tile or the thread that made them.
 *
 * Letters as in torch.nn.GRU; the arrays are described in window.h.
 * Compiled with -DREAL=float or -DREAL=double -DDOUBLE.
 */
#include "vectors.h"
#include "window.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int64_t vector_width(void) { return WIDTH; }

/* ---- forward ---- */

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

typedef struct { const REAL *from; REAL *rows; const REAL *h_old; REAL *h_new; } place;

/* Where lane b of step t reads its input products and old state and writes what it makes. */
INLINE place at(const window *w, int64_t t, int64_t b) {
    const int64_t lane = t * w->lanes + b, H = w->hidden, size = 4 * w->padded;
    REAL *rows = w->rows ? w->rows + lane * size : 0;
    return (place){
        .from = w->ids ? w->table + w->ids[lane] * size : rows,
        .rows = rows,
        .h_old = t ? w->h + (lane - w->lanes) * H : w->h_0 + b * H,
        .h_new = w->h + lane * H,
    };
}

/* Reset after: everything of a step, for m lanes and panel j. */
INLINE void step_after(int m, int64_t b, const window *w, int64_t t, int64_t j) {
    const int64_t H = w->hidden, P = w->padded, i = j * WIDTH;
    vec sums[LANES * 3];
    product(m, 3, sums, at(w, t, b).h_old, H, 1, H, w->packed + i * H * 3, 3 * WIDTH);
    const vec b_hn = load(w->b_hn + i);
    for (int lane = 0; lane < m; lane++) {
        const place p = at(w, t, b + lane);
        const vec r = sigmoid(load(p.from + P + i) + sums[lane * 3]);
        const vec z = sigmoid(load(p.from + 2 * P + i) + sums[lane * 3 + 1]);
        const vec hn = sums[lane * 3 + 2] + b_hn;
        const vec n = hyperbolic_tangent(load(p.from + i) + r * hn);
        store_part(p.h_new + i, (1 - z) * n + z * load_part(p.h_old + i, H - i), H - i);
        if (w->keep) {
            store(p.rows + i, n);
            store(p.rows + P + i, r);
            store(p.rows + 2 * P + i, z);
            store(p.rows + 3 * P + i, hn);
        }
    }
}

/* Reset before, first half: r, z and r * h. */
INLINE void gates_before(int m, int64_t b, const window *w, int64_t t, int64_t j) {
    const int64_t H = w->hidden, P = w->padded, i = j * WIDTH;
    vec sums[LANES * 2];
    product(m, 2, sums, at(w, t, b).h_old, H, 1, H, w->packed + i * H * 3, 3 * WIDTH);
    for (int lane = 0; lane < m; lane++) {
        const place p = at(w, t, b + lane);
        const vec r = sigmoid(load(p.from + P + i) + sums[lane * 2]);
        store(p.rows + P + i, r);
        store(p.rows + 2 * P + i, sigmoid(load(p.from + 2 * P + i) + sums[lane * 2 + 1]));
        store(p.rows + 3 * P + i, r * load_part(p.h_old + i, H - i));
    }
}

/* Reset before, second half: n from r * h, and the new state. */
INLINE void candidate_before(int m, int64_t b, const window *w, int64_t t, int64_t j) {
    const int64_t H = w->hidden, P = w->padded, i = j * WIDTH;
    vec sums[LANES];
    product(m, 1, sums, at(w, t, b).rows + 3 * P, 4 * P, 1, H, w->packed + i * H * 3 + 2 * WIDTH, 3 * WIDTH);
    for (int lane = 0; lane < m; lane++) {
        const place p = at(w, t, b + lane);
        const vec n = hyperbolic_tangent(load(p.from + i) + sums[lane]), z = load(p.rows + 2 * P + i);
        store_part(p.h_new + i, (1 - z) * n + z * load_part(p.h_old + i, H - i), H - i);
        store(p.rows + i, n);
    }
}

static void forward_step(const window *w, int64_t t, int64_t first, int64_t last) {
    const int64_t panels = w->padded / WIDTH;
    if (!w->before) {
        for (int64_t j = 0; j < panels; j++) EACH_TILE(step_after, w, t, j)
        return;
    }
    for (int64_t j = 0; j < panels; j++) EACH_TILE(gates_before, w, t, j)
    for (int64_t j = 0; j < panels; j++) EACH_TILE(candidate_before, w, t, j)
}

/* ---- backward ---- */

/* Panel j of the backward packing: for each row k of W_hh (P rows a gate), its columns 2 j and 2 j + 1. */
static void pack_backward_panel(const window *w, int64_t j) {
    const int64_t H = w->hidden, P = w->padded, i = j * 2 * WIDTH;
    const int64_t size = P - i < 2 * WIDTH ? WIDTH : 2 * WIDTH, count = H - i < size ? H - i : size;
    for (int64_t gate = 0; gate < 3; gate++)
        for (int64_t k = 0; k < P; k++) {
            REAL *out = w->packed + i * 3 * P + (gate * P + k) * size;
            memset(out, 0, size * sizeof(REAL));
            if (k < H) memcpy(out, w->weight + (gate * H + k) * H + i, count * sizeof(REAL));
        }
}

/* The derivative of one step, pointwise, on WIDTH indices of one lane; `sum` is what comes through W_hh. */
INLINE void pointwise_gradient(const window *w, int64_t t, int64_t b, int64_t i, vec dh, vec *sums) {
    const int64_t H = w->hidden, P = w->padded, lane = t * w->lanes + b, count = H - i;
    const place p = at(w, t, b);
    if (w->d_h) dh += load_part(w->d_h + lane * H + i, count);
    if (t + 1 < w->steps) dh += load(w->carried + b * P + i);
    else if (w->d_last) dh += load_part(w->d_last + b * H + i, count);
    const vec n = load(p.rows + i), z = load(p.rows + 2 * P + i);
    const vec dn = dh * (1 - z) * (1 - n * n);
    const vec dz = dh * (load_part(p.h_old + i, count) - n) * z * (1 - z);
    store(w->carried + b * P + i, dh * z);
    store(p.rows + i, dn);
    store(p.rows + 2 * P + i, dz);
    sums[0] += dn, sums[2] += dz;
    if (w->before) return;
    const vec r = load(p.rows + P + i), hn = load(p.rows + 3 * P + i);
    const vec dr = dn * hn * r * (1 - r);
    store(p.rows + P + i, dr);
    store(p.rows + 3 * P + i, dn * r);
    sums[1] += dr, sums[3] += dn * r;
}

/* dh_t through the gates of step t + 1 (all three if reset after, r and z if before), then the derivative
 * of step t; at t = -1 the gradient of h_0. */
INLINE void state_gradient(int m, int64_t b, const window *w, int v_count, int64_t t, int64_t i, REAL *d_bias) {
    const int64_t H = w->hidden, P = w->padded;
    const REAL *left = w->rows + ((t + 1) * w->lanes + b) * 4 * P + P;
    const int64_t count = t + 1 == w->steps ? 0 : w->before ? 2 * P : 3 * P;
    vec tile[LANES * 2];
    product(m, v_count, tile, left, 4 * P, 1, count, w->packed + i * 3 * P, v_count * WIDTH);
    for (int v = 0; v < v_count; v++, i += WIDTH) {
        vec sums[4] = {{0}, {0}, {0}, {0}};
        for (int lane = 0; lane < m; lane++) {
            const vec dh = tile[lane * v_count + v];
            if (t >= 0) pointwise_gradient(w, t, b + lane, i, dh, sums);
            else store_part(w->d_0 + (b + lane) * H + i, dh + load(w->carried + (b + lane) * P + i), H - i);
        }
        for (int slot = 0; slot < 4; slot++)
            store(d_bias + slot * P + i, load(d_bias + slot * P + i) + sums[slot]);
    }
}

/* Reset before: the gradient of r * h, hence of r and, through r, of h. */
INLINE void reset_gradient(int m, int64_t b, const window *w, int v_count, int64_t t, int64_t i, REAL *d_bias) {
    const int64_t H = w->hidden, P = w->padded;
    const REAL *packed = w->packed + i * 3 * P + 2 * P * v_count * WIDTH;
    vec tile[LANES * 2];
    product(m, v_count, tile, at(w, t, b).rows, 4 * P, 1, P, packed, v_count * WIDTH);
    for (int v = 0; v < v_count; v++, i += WIDTH) {
        vec sum = {0};
        for (int lane = 0; lane < m; lane++) {
            const place p = at(w, t, b + lane);
            REAL *carried = w->carried + (b + lane) * P + i;
            const vec r = load(p.rows + P + i), drh = tile[lane * v_count + v];
            const vec dr = drh * load_part(p.h_old + i, H - i) * r * (1 - r);
            store(p.rows + P + i, dr);
            store(carried, load(carried) + drh * r);
            sum += dr;
        }
        store(d_bias + P + i, load(d_bias + P + i) + sum);
    }
}

static void backward_step(const window *w, int64_t t, int64_t first, int64_t last, REAL *d_bias) {
    const int64_t P = w->padded;
    for (int64_t i = 0; i < P; i += 2 * WIDTH) {
        if (P - i > WIDTH) EACH_TILE(state_gradient, w, 2, t, i, d_bias)
        else EACH_TILE(state_gradient, w, 1, t, i, d_bias)
    }
    for (int64_t i = 0; w->before && t >= 0 && i < P; i += 2 * WIDTH) {
        if (P - i > WIDTH) EACH_TILE(reset_gradient, w, 2, t, i, d_bias)
        else EACH_TILE(reset_gradient, w, 1, t, i, d_bias)
    }
}

/* ---- a weight's gradient ---- */

enum { DEPTH = 256 }; /* rows at a time, so that a panel of `right` stays in the nearest cache */

/* Columns j.. of `right` in rows k.., one after the other. */
static void pack_right(const window *w, int64_t k, int64_t depth, int64_t j, REAL *panel) {
    for (int64_t end = k + depth; k < end; k++, panel += 2 * WIDTH) {
        const int64_t later = k - w->lanes;
        const REAL *from = (later < 0 ? w->right_0 + k * w->right_stride : w->right + later * w->right_stride) + j;
        store(panel, load_part(from, w->right_count - j));
        if (w->right_count - j > WIDTH) store(panel + WIDTH, load_part(from + WIDTH, w->right_count - j - WIDTH));
        else store(panel + WIDTH, (vec){0});
    }
}

INLINE void sum_tile(int m, int64_t b, const window *w, int64_t k, int64_t depth, int64_t j, const REAL *panel) {
    vec tile[LANES * 2];
    product(m, 2, tile, w->left + k * w->left_stride + b, 1, w->left_stride, depth, panel, 2 * WIDTH);
    for (int row = 0; row < m; row++)
        for (int v = 0; v < 2; v++) {
            const int64_t i = j + v * WIDTH, count = w->right_count - i;
            REAL *out = w->sum + (b + row) * w->right_count + i;
            if (count > 0) store_part(out, k ? tile[row * 2 + v] + load_part(out, count) : tile[row * 2 + v], count);
        }
}

static void sum_rows(const window *w, int64_t first, int64_t last) {
    REAL panel[DEPTH * 2 * WIDTH] __attribute__((aligned(BYTES)));
    const int64_t rows = w->steps * w->lanes;
    for (int64_t k = 0; k < rows; k += DEPTH) {
        const int64_t depth = rows - k < DEPTH ? rows - k : DEPTH;
        for (int64_t j = 0; j < w->right_count; j += 2 * WIDTH) {
            pack_right(w, k, depth, j, panel);
            EACH_TILE(sum_tile, w, k, depth, j, panel)
        }
    }
}

/* ---- what threads call: each takes blocks until none is left ---- */

INLINE int64_t take(window *w) { return __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED); }

/* The first of block `block` of `count` things split evenly. */
INLINE int64_t start(const window *w, int64_t block, int64_t count) { return block * count / w->blocks; }

EXPORT void pack_forward(window *w) {
    const int64_t panels = w->padded / WIDTH;
    for (int64_t block; (block = take(w)) < w->blocks;)
        for (int64_t j = start(w, block, panels); j < start(w, block + 1, panels); j++) pack_forward_panel(w, j);
}

EXPORT void pack_backward(window *w) {
    const int64_t panels = (w->padded / WIDTH + 1) / 2;
    for (int64_t block; (block = take(w)) < w->blocks;)
        for (int64_t j = start(w, block, panels); j < start(w, block + 1, panels); j++) pack_backward_panel(w, j);
}

EXPORT void forward(window *w) {
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, w->lanes), last = start(w, block + 1, w->lanes);
        for (int64_t t = 0; t < w->steps; t++) forward_step(w, t, first, last);
    }
}

EXPORT void backward(window *w) {
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, w->lanes), last = start(w, block + 1, w->lanes);
        REAL *d_bias = w->d_bias + block * 4 * w->padded;
        for (int64_t t = w->steps - 1; t >= -1; t--) backward_step(w, t, first, last, d_bias);
    }
}

/* The table's gradient: the rows' gradients, added up by id. A block is a range of columns. */
EXPORT void scatter(window *w) {
    const int64_t P = w->padded, vectors = 3 * P / WIDTH, rows = w->steps * w->lanes;
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, vectors) * WIDTH, last = start(w, block + 1, vectors) * WIDTH;
        for (int64_t row = 0; row < rows; row++) {
            REAL *out = w->d_table + w->ids[row] * 3 * P;
            const REAL *from = w->rows + row * 4 * P;
            for (int64_t i = first; i < last; i += WIDTH) store(out + i, load(out + i) + load(from + i));
        }
    }
}

/* `sum`, each block some of its rows. */
EXPORT void outer_products(window *w) {
    const int64_t tiles = (w->left_count + LANES - 1) / LANES;
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, tiles) * LANES, last = start(w, block + 1, tiles) * LANES;
        sum_rows(w, first, last < w->left_count ? last : w->left_count);
    }
}
