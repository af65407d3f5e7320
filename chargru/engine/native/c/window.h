/* What a window is to the kernels. `structs.WINDOW` in Python repeats the struct, field by field.
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
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t steps, lanes, hidden, padded, before, keep, blocks, next;
    const int64_t *ids;   /* (T, B), or NULL: the input is dense */
    const REAL *table;    /* (V, 4, P), with ids */
    REAL *rows;           /* (T, B, 4, P); NULL: ids, reset after, nothing kept */
    const REAL *weight;   /* (3H, H) */
    REAL *packed;         /* 3 * P * P at most */
    REAL *rounded;        /* with products in bfloat16 */
    const REAL *b_hn;     /* (P), reset after */
    const REAL *h_0;      /* (B, H) */
    REAL *h;              /* (T, B, H) */
    const REAL *d_h;      /* (T, B, H) or NULL */
    const REAL *d_last;   /* (B, H) or NULL */
    REAL *d_0;            /* (B, H) */
    REAL *carried;        /* (B, P): the part of dh_{t-1} that does not pass through W_hh */
    REAL *d_bias;         /* (blocks, 4, P): sums of the rows' gradients, zero before */
    REAL *d_table;        /* (V, 3, P), zero before */
    REAL *sum;            /* (left_count, right_count): the sum over all rows of left times right */
    const REAL *left;     /* of one row: left_count numbers; (T B) rows, left_stride apart */
    const REAL *right;    /* of one row: right_count numbers; rows right_stride apart, */
    const REAL *right_0;  /* but the first B of them here, and `right` continues from them */
    int64_t left_count, left_stride, right_count, right_stride;
} window;

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

/* Vectors of indices that a tile of the backward pass takes. With 16 registers, 4 lanes times 3 vectors keep both
 * multipliers busy and 4 times 2 do not. */
enum { NR = BYTES == 32 ? 3 : 2 };

enum { KC = 256 }; /* rows at a time in a weight's gradient, so that a panel stays in the nearest cache */
