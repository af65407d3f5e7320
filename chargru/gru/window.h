/* What a window is to the kernels. `kernels.Task` in Python repeats the struct, field by field.
 *
 * T steps, B lanes, H hidden, P = H rounded up to whole vectors. Letters as in torch.nn.GRU.
 *
 *   rows     (T, B, 4, P)  dense input before the forward pass: its products, slots n r z
 *                          after the forward pass: n, r, z and W_hn h + b_hn (reset after) or r * h (before)
 *                          after the backward pass: gradients of the pre-activations of n, r, z and of
 *                          W_hn h + b_hn (reset after); the last slot stays r * h (reset before)
 *   table    (V, 4, P)     ids: the input products of each id, slots n r z, mergeable biases included
 *   packed                 W_hh, in panels that a tile reads in order; see the two pack functions
 */
#include <stdint.h>

typedef struct {
    int64_t steps, lanes, hidden, padded, before, keep, blocks, next;
    const int64_t *ids;   /* (T, B), or NULL: the input is dense */
    const REAL *table;    /* (V, 4, P), with ids */
    REAL *rows;           /* (T, B, 4, P); NULL: ids, reset after, nothing kept */
    const REAL *weight;   /* (3H, H) */
    REAL *packed;         /* 3 * P * P at most */
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
