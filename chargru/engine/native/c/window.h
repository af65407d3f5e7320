/* What a window is to the kernels. `abi.WindowTask` in Python repeats the fields, and layout.h lets it compare.
 *
 * T steps, B lanes, H hidden, P = H rounded up to whole vectors. Letters as in torch.nn.GRU.
 *
 *   rows     (T, B, 4, P)  dense input before the forward pass: its products, slots n r z
 *                          after the forward pass: n, r, z and W_hn h + b_hn (reset after) or r * h (before)
 *                          after the backward pass: gradients of the pre-activations of n, r, z and of
 *                          W_hn h + b_hn (reset after); the last slot stays r * h (reset before)
 *   table    (V, 4, P)     ids: the input products of each id, slots n r z, mergeable biases included
 *   packed                 W_hh, in panels that a tile reads in order; see the two pack functions
 *   rounded                what products read next, in bfloat16; see operands_bfloat16.h
 */
#include "layout.h"

#define WINDOW_FIELDS(FIELD)                                                                                          \
    FIELD(int64_t, steps) FIELD(int64_t, lanes) FIELD(int64_t, hidden) FIELD(int64_t, padded)                         \
    FIELD(int64_t, before) FIELD(int64_t, keep) FIELD(int64_t, blocks) FIELD(int64_t, next)                           \
    FIELD(const int64_t *, ids)     /* (T, B), or NULL: the input is dense */                                         \
    FIELD(const REAL *, table)      /* (V, 4, P), with ids */                                                         \
    FIELD(REAL *, rows)             /* (T, B, 4, P); NULL: ids, reset after, nothing kept */                          \
    FIELD(const REAL *, weight)     /* (3H, H) */                                                                     \
    FIELD(REAL *, packed)           /* 3 * P * P at most */                                                           \
    FIELD(REAL *, rounded)          /* with products in bfloat16 */                                                   \
    FIELD(const REAL *, b_hn)       /* (P), reset after */                                                            \
    FIELD(const REAL *, h_0)        /* (B, H) */                                                                      \
    FIELD(REAL *, h)                /* (T, B, H) */                                                                   \
    FIELD(const REAL *, d_h)        /* (T, B, H) or NULL */                                                           \
    FIELD(const REAL *, d_last)     /* (B, H) or NULL */                                                              \
    FIELD(REAL *, d_0)              /* (B, H) */                                                                      \
    FIELD(REAL *, carried)          /* (B, P): the part of dh_{t-1} that does not pass through W_hh */                \
    FIELD(REAL *, d_bias)           /* (blocks, 4, P): sums of the rows' gradients, zero before */                    \
    FIELD(REAL *, d_table)          /* (V, 3, P), zero before */                                                      \
    FIELD(REAL *, sum)              /* (left_count, right_count): the sum over all rows of left times right */        \
    FIELD(const REAL *, left)       /* of one row: left_count numbers; (T B) rows, left_stride from one to the next */ \
    FIELD(const REAL *, right)      /* of one row: right_count numbers; right_stride from one row to the next, */     \
    FIELD(const REAL *, right_0)    /* but the first B of them here, and `right` continues from them */               \
    FIELD(REAL *, space)            /* (blocks, SPACE): packed operands of `sum` */                                   \
    FIELD(int64_t, left_count) FIELD(int64_t, left_stride) FIELD(int64_t, right_count) FIELD(int64_t, right_stride)
STRUCT(window, WINDOW_FIELDS)

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

/* Rows of `right`, of which the first B have a place of their own. */
INLINE const REAL *right_row(const window *w, int64_t k) {
    return k < w->lanes ? w->right_0 + k * w->right_stride : w->right + (k - w->lanes) * w->right_stride;
}

/* The left side of a product: unit k < count of lane m is from[m * row_stride + k * k_stride]. */
typedef struct { const REAL *from; int64_t row_stride, k_stride, count; } operand;

/* The tile of a product is MR lanes times NR columns; MR is in the operands' header. NR_VECTORS: with 16 registers, 4
 * lanes times 3 vectors keep both multipliers busy and 4 times 2 do not. */
enum { NR_VECTORS = BYTES == 32 ? 3 : 2, NR = NR_VECTORS * WIDTH };

/* A weight's gradient takes KC rows and MC columns of `left` at a time, so that what is packed of them stays in the
 * nearer caches. */
enum { KC = 256 };
