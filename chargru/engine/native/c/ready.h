/* Whether products in bfloat16 can be made here: the system must allow tiles, and a small product must be right. */

EXPORT int64_t tiles(void) {
#ifdef TILES
    return 1;
#else
    return 0;
#endif
}

/* Small whole numbers, so that sums are exact in any order. */
INLINE REAL sample(int64_t i, int64_t k) { return (REAL)((i * 7 + k * 3) % 11 - 5); }

static int is_right(void) {
    enum { K = 2 * WIDTH };
    REAL left[MR * WIDTH], right[WIDTH * 3 * WIDTH], row[K], next[WIDTH];
    vec tile[MR * 3];
    for (int64_t m = 0; m < MR; m++) {
        for (int64_t k = 0; k < K; k++) row[k] = sample(m, k);
        store(left + m * WIDTH, neighbours(row, K));
    }
    for (int64_t unit = 0; unit < WIDTH * 3; unit++) {
        const int64_t k = unit / 3 * 2, v = unit % 3;
        for (int64_t i = 0; i < WIDTH; i++) row[i] = sample(k, v * WIDTH + i), next[i] = sample(k + 1, v * WIDTH + i);
        store(right + unit * WIDTH, pairs(load(row), load(next)));
    }
    product(MR, 3, tile, (operand){left, WIDTH, 1, WIDTH}, right, 3 * WIDTH);
    for (int64_t m = 0; m < MR; m++)
        for (int64_t i = 0; i < 3 * WIDTH; i++) {
            REAL sum = 0;
            for (int64_t k = 0; k < K; k++) sum += sample(m, k) * sample(k, i);
            if (tile[m * 3 + i / WIDTH][i % WIDTH] != sum) return 0;
        }
    return 1;
}

EXPORT int64_t ready(void) {
    if (!may_use_products()) return 0;
    begin_products();
    const int right = is_right();
    end_products();
    return right;
}
