/* The head and its loss over a whole window: scores, softmax, cross-entropy and every gradient, in one pass.
 *
 * Each thread takes a range of rows (a row is one character of a window), CHUNK of them at a time, so that what one
 * product leaves is still in the nearest caches when the next reads it; the scores never go to memory. A score is a
 * sum over k in the order of k, so that it depends on no other row. `abi.HeadTask` repeats the fields in Python.
 *
 * N = T B rows, V vocabulary, S = V rounded up to whole vectors, P = H rounded up to whole panels.
 */
#define HEAD_FIELDS(FIELD)                                                                                            \
    FIELD(int64_t, rows) FIELD(int64_t, lanes) FIELD(int64_t, hidden) FIELD(int64_t, vocabulary)                      \
    FIELD(int64_t, blocks) FIELD(int64_t, next)                                                                       \
    FIELD(const REAL *, h)          /* (N, H) */                                                                      \
    FIELD(const REAL *, kept)       /* (B, H): dropout's factors of the rows of each step, or NULL */                 \
    FIELD(const REAL *, weight)     /* (V, H) */                                                                      \
    FIELD(const REAL *, bias)       /* (V) */                                                                         \
    FIELD(const int64_t *, targets) /* (N) */                                                                         \
    FIELD(REAL *, downwards)        /* W transposed, in panels of NR scores: (H, NR) each */                          \
    FIELD(REAL *, across)           /* W in panels of NR indices: (V, NR) each */                                     \
    FIELD(REAL *, biases)           /* (S): the bias, minus infinity where a score is padding */                      \
    FIELD(REAL *, space)            /* (blocks, head_space): a chunk's states and scores */                           \
    FIELD(REAL *, nats)             /* (N): -ln p of each target */                                                   \
    FIELD(REAL *, d_h)              /* (N, H), or NULL: no gradients */                                               \
    FIELD(REAL *, d_weight)         /* (blocks, V, P), zero before; of the mean over N */                             \
    FIELD(REAL *, d_bias)           /* (blocks, S), zero before */
STRUCT(head, HEAD_FIELDS)

enum { CHUNK = 64 };

INLINE int64_t up_to(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }
INLINE int64_t scores(const head *w) { return up_to(w->vocabulary, WIDTH); }
INLINE int64_t indices(const head *w) { return up_to(w->hidden, NR); }
/* From row to row of the copied states: off the powers of two, which would share a few lines of the cache. */
INLINE int64_t state_stride(const head *w) { return indices(w) + WIDTH; }

/* How many numbers a block works with, a multiple of whole vectors. */
EXPORT int64_t head_space(const head *w) { return CHUNK * (state_stride(w) + scores(w)); }

static void pack_head(const head *w) {
    const int64_t H = w->hidden, V = w->vocabulary;
    for (int64_t v = 0; v < up_to(V, NR); v++)
        for (int64_t k = 0; k < H; k++)
            w->downwards[(v / NR * H + k) * NR + v % NR] = v < V ? w->weight[v * H + k] : 0;
    for (int64_t v = 0; v < scores(w); v++) w->biases[v] = v < V ? w->bias[v] : -(REAL)INFINITY;
    for (int64_t i = 0; w->d_h && i < indices(w); i++)
        for (int64_t v = 0; v < V; v++)
            w->across[(i / NR * V + v) * NR + i % NR] = i < H ? w->weight[v * H + i] : 0;
}

/* Rows of h as the head reads them: with dropout, and zero where an index is padding. */
static void copy_states(const head *w, int64_t row, int64_t count, REAL *x) {
    const int64_t H = w->hidden;
    for (int64_t m = 0; m < count; m++, x += state_stride(w))
        for (int64_t i = 0; i < indices(w); i += WIDTH) {
            vec part = i < H ? load_part(w->h + (row + m) * H + i, H - i) : (vec){0};
            if (w->kept && i < H) part *= load_part(w->kept + (row + m) % w->lanes * H + i, H - i);
            store(x + i, part);
        }
}

/* ---- the tiles of the three products ---- */

INLINE void score_tile(int m, int64_t b, const head *w, int64_t j, const REAL *x, REAL *a) {
    const int64_t S = scores(w);
    const operand left = {x + b * state_stride(w), state_stride(w), 1, w->hidden};
    const REAL *panel = w->downwards + j * w->hidden;
    const int v_count = S - j < NR ? (int)(S - j) / WIDTH : NR_VECTORS;
    vec tile[MR * NR_VECTORS];
    if (v_count == NR_VECTORS) product(m, NR_VECTORS, tile, left, panel, NR);
    else if (v_count == 2) product(m, 2, tile, left, panel, NR);
    else product(m, 1, tile, left, panel, NR);
    for (int row = 0; row < m; row++)
        for (int v = 0; v < v_count; v++) store(a + (b + row) * S + j + v * WIDTH, tile[row * v_count + v]);
}

INLINE void state_tile(int m, int64_t b, const head *w, int64_t j, const REAL *d_a, int64_t row) {
    const int64_t S = scores(w), H = w->hidden;
    vec tile[MR * NR_VECTORS];
    product(m, NR_VECTORS, tile, (operand){d_a + b * S, S, 1, w->vocabulary}, w->across + j * w->vocabulary, NR);
    for (int lane = 0; lane < m; lane++)
        for (int v = 0; v < NR_VECTORS; v++) {
            const int64_t n = row + b + lane, i = j + v * WIDTH, count = H - i;
            if (count <= 0) continue;
            vec d_h = tile[lane * NR_VECTORS + v];
            if (w->kept) d_h *= load_part(w->kept + n % w->lanes * H + i, count);
            store_part(w->d_h + n * H + i, d_h, count);
        }
}

INLINE void weight_tile(int m, int64_t b, const head *w, int64_t j, const REAL *d_a, const REAL *x, int64_t count,
                        REAL *d_weight) {
    vec tile[MR * NR_VECTORS];
    product(m, NR_VECTORS, tile, (operand){d_a + b, 1, scores(w), count}, x + j, state_stride(w));
    for (int row = 0; row < m; row++)
        for (int v = 0; v < NR_VECTORS; v++) {
            REAL *out = d_weight + (b + row) * indices(w) + j + v * WIDTH;
            store(out, load(out) + tile[row * NR_VECTORS + v]);
        }
}

/* ---- softmax and cross-entropy ---- */

typedef REAL half __attribute__((vector_size(BYTES / 2)));

INLINE half lower(vec v) { half h; memcpy(&h, &v, sizeof h); return h; }
INLINE half upper(vec v) { half h; memcpy(&h, (const char *)&v + sizeof h, sizeof h); return h; }

INLINE REAL sum_of(vec v) {
    const half h = lower(v) + upper(v);
    REAL sum = h[0];
    for (int i = 1; i < WIDTH / 2; i++) sum += h[i];
    return sum;
}

INLINE REAL largest_of(vec v) {
    REAL largest = v[0];
    for (int i = 1; i < WIDTH; i++) largest = v[i] > largest ? v[i] : largest;
    return largest;
}

/* Scores without bias of one row become dL/da of the mean; the nats of its target come back. */
static REAL softmax(const head *w, REAL *a, int64_t target) {
    const int64_t S = scores(w);
    vec most = (vec){0} - (REAL)INFINITY, sums = {0};
    for (int64_t i = 0; i < S; i += WIDTH) {
        const vec score = load(a + i) + load(w->biases + i);
        store(a + i, score);
        most = choose(most > score, most, score);
    }
    const REAL largest = largest_of(most), of_target = a[target] - largest;
    for (int64_t i = 0; i < S; i += WIDTH) {
        const vec e = exponential(load(a + i) - largest);
        store(a + i, e);
        sums += e;
    }
    const REAL sum = sum_of(sums), scale = 1 / (sum * w->rows);
    for (int64_t i = 0; i < S; i += WIDTH) store(a + i, load(a + i) * scale);
    a[target] -= (REAL)1 / w->rows;
    return LOGARITHM(sum) - of_target;
}

/* ---- a chunk of rows ---- */

static void chunk_gradients(const head *w, int64_t row, int64_t count, const REAL *x, const REAL *d_a, int64_t block) {
    const int64_t S = scores(w), P = indices(w);
    REAL *d_weight = w->d_weight + block * w->vocabulary * P, *d_bias = w->d_bias + block * S;
    for (int64_t j = 0; j < P; j += NR) EACH_TILE(state_tile, 0, count, w, j, d_a, row)
    for (int64_t m = 0; m < count; m++)
        for (int64_t i = 0; i < S; i += WIDTH) store(d_bias + i, load(d_bias + i) + load(d_a + m * S + i));
    for (int64_t j = 0; j < P; j += NR) EACH_TILE(weight_tile, 0, w->vocabulary, w, j, d_a, x, count, d_weight)
}

static void chunk_loss(const head *w, int64_t row, int64_t count, int64_t block) {
    REAL *x = w->space + block * head_space(w), *a = x + CHUNK * state_stride(w);
    copy_states(w, row, count, x);
    for (int64_t j = 0; j < scores(w); j += NR) EACH_TILE(score_tile, 0, count, w, j, x, a)
    for (int64_t m = 0; m < count; m++) w->nats[row + m] = softmax(w, a + m * scores(w), w->targets[row + m]);
    if (w->d_h) chunk_gradients(w, row, count, x, a, block);
}

/* What threads call, once `head_begin` was called by one. */
EXPORT void head_begin(head *w) { pack_head(w); }

EXPORT void head_loss(head *w) {
    for (int64_t block; (block = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED)) < w->blocks;) {
        const int64_t end = (block + 1) * w->rows / w->blocks;
        for (int64_t row = block * w->rows / w->blocks; row < end; row += CHUNK)
            chunk_loss(w, row, end - row < CHUNK ? end - row : CHUNK, block);
    }
}
