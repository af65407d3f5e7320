/* One GRU layer over a whole window: the recurrence, forward and backward, for a block of lanes. head.h adds the head.
 *
 * A lane's steps depend on no other lane, so each thread takes a block of lanes and runs all steps of it,
 * without a barrier. A tile is MR lanes times a panel of hidden indices: its product with W_hh stays in
 * registers and the pointwise part follows at once. Every sum over k runs in the order of k, so a lane's
 * numbers do not depend on the tile or the thread that made them.
 *
 * Letters as in torch.nn.GRU; the arrays are described in window.h.
 * Compiled with -DREAL=float, -DREAL=double -DDOUBLE, or -DREAL=float -DBFLOAT16 for products in bfloat16.
 */
#include "vectors.h"
#include "window.h"
#ifdef BFLOAT16
#include "operands_bfloat16.h"
#else
#include "operands.h"
#endif
#ifdef TILES
#include "tiles.h"
#else
#include "product.h"
#endif
#include "weight_gradient.h"

/* Panel j of W_hh packed for the forward pass. */
INLINE const REAL *forward_panel(const window *w, int64_t j) { return w->packed + j * state_units(w) * 3 * WIDTH; }

/* Indices i.. of W_hh packed for the backward pass. */
INLINE const REAL *backward_panel(const window *w, int64_t i) { return w->packed + i * 3 * w->padded / PER_UNIT; }

/* ---- forward ---- */

/* The new state on WIDTH indices of one lane. */
INLINE void new_state(const window *w, int64_t t, int64_t b, int64_t i, vec n, vec z) {
    const int64_t H = w->hidden;
    const place p = at(w, t, b);
    vec fresh = (1 - z) * n;
    KEEP_IN_REGISTER(fresh); /* of two products in a sum one is fused: always the other, so all tiles give the same */
    const vec h = z * load_part(p.h_old + i, H - i) + fresh;
    store_part(p.h_new + i, h, H - i);
    keep_state(w, t, b, i, h);
}

/* Reset after: everything of a step, for m lanes and panel j. */
INLINE void step_after(int m, int64_t b, const window *w, int64_t t, int64_t j) {
    const int64_t P = w->padded, i = j * WIDTH;
    vec sums[MR * 3];
    product(m, 3, sums, old_state(w, t, b), forward_panel(w, j), 3 * WIDTH);
    const vec b_hn = load(w->b_hn + i);
    for (int lane = 0; lane < m; lane++) {
        const place p = at(w, t, b + lane);
        const vec r = sigmoid(load(p.from + P + i) + sums[lane * 3]);
        const vec z = sigmoid(load(p.from + 2 * P + i) + sums[lane * 3 + 1]);
        const vec hn = sums[lane * 3 + 2] + b_hn;
        const vec n = hyperbolic_tangent(load(p.from + i) + r * hn);
        new_state(w, t, b + lane, i, n, z);
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
    vec sums[MR * 2];
    product(m, 2, sums, old_state(w, t, b), forward_panel(w, j), 3 * WIDTH);
    for (int lane = 0; lane < m; lane++) {
        const place p = at(w, t, b + lane);
        const vec r = sigmoid(load(p.from + P + i) + sums[lane * 2]);
        store(p.rows + P + i, r);
        store(p.rows + 2 * P + i, sigmoid(load(p.from + 2 * P + i) + sums[lane * 2 + 1]));
        const vec rh = r * load_part(p.h_old + i, H - i);
        store(p.rows + 3 * P + i, rh);
        keep_reset_state(w, b + lane, i, rh);
    }
}

/* Reset before, second half: n from r * h, and the new state. */
INLINE void candidate_before(int m, int64_t b, const window *w, int64_t t, int64_t j) {
    const int64_t P = w->padded, i = j * WIDTH;
    vec sums[MR];
    product(m, 1, sums, reset_state(w, t, b), forward_panel(w, j) + 2 * WIDTH, 3 * WIDTH);
    for (int lane = 0; lane < m; lane++) {
        const place p = at(w, t, b + lane);
        const vec n = hyperbolic_tangent(load(p.from + i) + sums[lane]), z = load(p.rows + 2 * P + i);
        new_state(w, t, b + lane, i, n, z);
        store(p.rows + i, n);
    }
}

static void forward_step(const window *w, int64_t t, int64_t first, int64_t last) {
    const int64_t panels = w->padded / WIDTH;
    if (!w->before) {
        for (int64_t j = 0; j < panels; j++) EACH_TILE(step_after, first, last, w, t, j)
        return;
    }
    for (int64_t j = 0; j < panels; j++) EACH_TILE(gates_before, first, last, w, t, j)
    for (int64_t j = 0; j < panels; j++) EACH_TILE(candidate_before, first, last, w, t, j)
}

/* ---- backward ---- */

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
    keep_gradient(w, t, b, 0, i, dn), keep_gradient(w, t, b, 2, i, dz);
    sums[0] += dn, sums[2] += dz;
    if (w->before) return;
    const vec r = load(p.rows + P + i), hn = load(p.rows + 3 * P + i);
    const vec dr = dn * hn * r * (1 - r);
    store(p.rows + P + i, dr);
    store(p.rows + 3 * P + i, dn * r);
    keep_gradient(w, t, b, 1, i, dr), keep_gradient(w, t, b, 3, i, dn * r);
    sums[1] += dr, sums[3] += dn * r;
}

/* dh_t through the gates of step t + 1 (all three if reset after, r and z if before), then the derivative
 * of step t; at t = -1 the gradient of h_0. */
INLINE void state_gradient(int m, int64_t b, const window *w, int v_count, int64_t t, int64_t i, REAL *d_bias) {
    const int64_t H = w->hidden, P = w->padded;
    operand left = gate_gradients(w, t + 1, b);
    if (t + 1 == w->steps) left.count = 0;
    vec tile[MR * NR_VECTORS];
    product(m, v_count, tile, left, backward_panel(w, i), v_count * WIDTH);
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
    const REAL *packed = backward_panel(w, i) + 2 * P * v_count * WIDTH / PER_UNIT;
    vec tile[MR * NR_VECTORS];
    product(m, v_count, tile, candidate_gradients(w, t, b), packed, v_count * WIDTH);
    for (int v = 0; v < v_count; v++, i += WIDTH) {
        vec sum = {0};
        for (int lane = 0; lane < m; lane++) {
            const place p = at(w, t, b + lane);
            REAL *carried = w->carried + (b + lane) * P + i;
            const vec r = load(p.rows + P + i), drh = tile[lane * v_count + v];
            const vec dr = drh * load_part(p.h_old + i, H - i) * r * (1 - r);
            store(p.rows + P + i, dr);
            keep_gradient(w, t, b + lane, 1, i, dr);
            store(carried, load(carried) + drh * r);
            sum += dr;
        }
        store(d_bias + P + i, load(d_bias + P + i) + sum);
    }
}

/* Calls TILE(m, b, W, v_count, T, i, ...) for v_count vectors of indices from i on, NR_VECTORS at a time and then what
 * is left of them; v_count is a constant in each call. */
#define EACH_PANEL(TILE, FIRST, LAST, W, T, ...)                                                        \
    for (int64_t i_ = 0, vectors_; (vectors_ = ((W)->padded - i_) / WIDTH) > 0; i_ += NR) {             \
        if (vectors_ >= NR_VECTORS) EACH_TILE(TILE, FIRST, LAST, W, NR_VECTORS, T, i_, __VA_ARGS__)     \
        else if (vectors_ == 2) EACH_TILE(TILE, FIRST, LAST, W, 2, T, i_, __VA_ARGS__)                  \
        else EACH_TILE(TILE, FIRST, LAST, W, 1, T, i_, __VA_ARGS__)                                     \
    }

static void backward_step(const window *w, int64_t t, int64_t first, int64_t last, REAL *d_bias) {
    EACH_PANEL(state_gradient, first, last, w, t, d_bias)
    if (w->before && t >= 0) EACH_PANEL(reset_gradient, first, last, w, t, d_bias)
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
    const int64_t panels = (w->padded / WIDTH + NR_VECTORS - 1) / NR_VECTORS;
    for (int64_t block; (block = take(w)) < w->blocks;)
        for (int64_t j = start(w, block, panels); j < start(w, block + 1, panels); j++) pack_backward_panel(w, j);
}

EXPORT void forward(window *w) {
    begin_products();
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, w->lanes), last = start(w, block + 1, w->lanes);
        keep_first_state(w, first, last);
        for (int64_t t = 0; t < w->steps; t++) forward_step(w, t, first, last);
    }
    end_products();
}

EXPORT void backward(window *w) {
    begin_products();
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, w->lanes), last = start(w, block + 1, w->lanes);
        REAL *d_bias = w->d_bias + block * 4 * w->padded;
        for (int64_t t = w->steps - 1; t >= -1; t--) backward_step(w, t, first, last, d_bias);
    }
    end_products();
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
    begin_products();
    const int64_t tiles = (w->left_count + MR - 1) / MR;
    for (int64_t block; (block = take(w)) < w->blocks;) {
        const int64_t first = start(w, block, tiles) * MR, last = start(w, block + 1, tiles) * MR;
        sum_rows(w, first, last < w->left_count ? last : w->left_count, w->space + block * SPACE);
    }
    end_products();
}

/* ---- what Python must know of this library ---- */

EXPORT int64_t vector_width(void) { return WIDTH; }
EXPORT int64_t multiple(void) { return MULTIPLE; }
EXPORT int64_t columns(void) { return NR; }
EXPORT int64_t spare(void) { return SPARE; }
EXPORT int64_t space(void) { return SPACE; }
EXPORT int64_t ready(void) { return may_use_products(); } /* tiles need the system's leave, once a process */

EXPORT int64_t tiles(void) {
#ifdef TILES
    return 1;
#else
    return 0;
#endif
}

#ifndef BFLOAT16
#include "head.h"
#endif
