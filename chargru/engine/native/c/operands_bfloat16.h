/* What products read, rounded to bfloat16; the same functions as in operands.h.
 *
 * Sums, states, gradients and the pointwise part stay float. A unit is a pair of rounded numbers, neighbours in
 * k, in the 32 bits of one float, which is never used as a number: the processor multiplies pair by pair and
 * adds both products to one float. States and gradients are rounded once, when they are made, into `rounded`:
 *
 *   forward pass     (3, B + SPARE, P)   h of even and of odd steps, r * h (reset before)
 *   backward pass    (2, B + SPARE, 3P)  gradients of even and of odd steps: r, z and C (reset after) or n (before)
 */
#include <immintrin.h>

#ifndef __AVX512BF16__
#error no bfloat16 units on this processor
#endif

_Static_assert(NR_VECTORS == 2, "the packing below takes two vectors of indices at a time");

enum { PER_UNIT = 2, MULTIPLE = 2 * WIDTH, SPARE = 32, MC = 256 };

#if defined(EMULATE_TILES) || (defined(__AMX_TILE__) && defined(__AMX_BF16__))
#define TILES
#else
enum { MR = 8 };

INLINE vec broadcast(REAL pair) { return (vec)_mm512_set1_ps(pair); }

INLINE vec multiply_add(vec sum, vec factor, vec right) {
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)factor, (__m512bh)right);
}
#endif

/* ---- rounding ---- */

INLINE __m256i rounded(vec v) { return (__m256i)_mm512_cvtneps_pbh((__m512)v); }

/* Unit i: number i of `even`, then number i of `odd`. */
INLINE vec pairs(vec even, vec odd) {
    const __m512i low = _mm512_cvtepu16_epi32(rounded(even)), high = _mm512_cvtepu16_epi32(rounded(odd));
    return (vec)_mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

/* Unit i: numbers 2 i and 2 i + 1 of the 2 WIDTH at `from`, zero from `count` on. */
INLINE vec neighbours(const REAL *from, int64_t count) {
    const vec first = count > 0 ? load_part(from, count) : (vec){0};
    const vec second = count > WIDTH ? load_part(from + WIDTH, count - WIDTH) : (vec){0};
    return (vec)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

/* Turns WIDTH vectors of WIDTH units: afterwards vector i holds what was unit i of each. */
INLINE void transpose(vec *rows) {
    const mask index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int distance = 1; distance < WIDTH; distance *= 2) {
        const mask second = (index & distance) != 0;
        const mask low = index + (second & (WIDTH - distance));
        const mask high = index + (second & WIDTH) + (~second & distance);
        for (int i = 0; i < WIDTH; i++) {
            if (i & distance) continue;
            const __m512 a = (__m512)rows[i], b = (__m512)rows[i + distance];
            rows[i] = (vec)_mm512_permutex2var_ps(a, (__m512i)low, b);
            rows[i + distance] = (vec)_mm512_permutex2var_ps(a, (__m512i)high, b);
        }
    }
}

/* ---- the left side of a product ---- */

INLINE int64_t state_units(const window *w) { return w->padded / PER_UNIT; }

/* Lane b of copy `copy`, each copy `numbers` long for one lane. */
INLINE REAL *copy_at(const window *w, int64_t copy, int64_t b, int64_t numbers) {
    return w->rounded + (copy * (w->lanes + SPARE) + b) * numbers / PER_UNIT;
}

INLINE operand old_state(const window *w, int64_t t, int64_t b) {
    return (operand){copy_at(w, t % 2, b, w->padded), state_units(w), 1, state_units(w)};
}

INLINE operand reset_state(const window *w, int64_t t, int64_t b) {
    return (operand){copy_at(w, 2, b, w->padded), state_units(w), 1, state_units(w)};
}

INLINE operand gate_gradients(const window *w, int64_t t, int64_t b) {
    const int64_t P = w->padded;
    return (operand){copy_at(w, t % 2, b, 3 * P), 3 * P / PER_UNIT, 1, (w->before ? 2 : 3) * P / PER_UNIT};
}

INLINE operand candidate_gradients(const window *w, int64_t t, int64_t b) {
    const int64_t P = w->padded;
    return (operand){copy_at(w, t % 2, b, 3 * P) + 2 * P / PER_UNIT, 3 * P / PER_UNIT, 1, P / PER_UNIT};
}

INLINE void keep_rounded(REAL *copy, int64_t i, vec v) {
    _mm256_storeu_si256((__m256i *)(copy + i / PER_UNIT), rounded(v));
}

INLINE void keep_state(const window *w, int64_t t, int64_t b, int64_t i, vec h) {
    keep_rounded(copy_at(w, (t + 1) % 2, b, w->padded), i, h);
}

INLINE void keep_reset_state(const window *w, int64_t b, int64_t i, vec rh) {
    keep_rounded(copy_at(w, 2, b, w->padded), i, rh);
}

INLINE void keep_gradient(const window *w, int64_t t, int64_t b, int64_t slot, int64_t i, vec gradient) {
    if (slot == 0 && !w->before) return; /* no product reads the gradient at n with reset after */
    keep_rounded(copy_at(w, t % 2, b, 3 * w->padded), (slot ? slot - 1 : 2) * w->padded + i, gradient);
}

static void keep_first_state(const window *w, int64_t first, int64_t last) {
    for (int64_t b = first; b < last; b++)
        for (int64_t i = 0; i < w->padded; i += WIDTH)
            keep_state(w, -1, b, i, i < w->hidden ? load_part(w->h_0 + b * w->hidden + i, w->hidden - i) : (vec){0});
}

/* ---- W_hh in panels ---- */

/* Panel j of the forward packing: for each pair of k, the WIDTH columns j of W_hr, W_hz, W_hn transposed. */
static void pack_forward_panel(const window *w, int64_t j) {
    const int64_t H = w->hidden;
    for (int64_t k = 0; k < state_units(w); k += WIDTH)
        for (int64_t gate = 0; gate < 3; gate++) {
            vec rows[WIDTH];
            for (int64_t i = 0; i < WIDTH; i++) {
                const int64_t unit = j * WIDTH + i, first = k * PER_UNIT;
                rows[i] = neighbours(w->weight + (gate * H + unit) * H + first, unit < H ? H - first : 0);
            }
            transpose(rows);
            REAL *out = w->packed + (j * state_units(w) + k) * 3 * WIDTH;
            for (int64_t i = 0; i < WIDTH; i++) store(out + (i * 3 + gate) * WIDTH, rows[i]);
        }
}

INLINE vec weight_or_zero(const window *w, int64_t gate, int64_t k, int64_t i) {
    const int64_t H = w->hidden;
    return k < H && i < H ? load_part(w->weight + (gate * H + k) * H + i, H - i) : (vec){0};
}

/* Panel j of the backward packing: for each pair of rows of W_hh (P rows a gate), its columns 2 j and 2 j + 1. */
static void pack_backward_panel(const window *w, int64_t j) {
    REAL *out = w->packed + j * NR * 3 * w->padded / PER_UNIT;
    for (int64_t gate = 0; gate < 3; gate++)
        for (int64_t k = 0; k < w->padded; k += 2)
            for (int64_t i = j * NR; i < (j + 1) * NR; i += WIDTH, out += WIDTH)
                store(out, pairs(weight_or_zero(w, gate, k, i), weight_or_zero(w, gate, k + 1, i)));
}

/* ---- both sides of a weight's gradient, rows k <= row < k + depth, zeros up to a multiple of 2 WIDTH ---- */

INLINE int64_t pair_count(int64_t depth) { return (depth + MULTIPLE - 1) / MULTIPLE * WIDTH; }

/* WIDTH of the `count` numbers at `from`, zero where there are none. */
INLINE vec numbers_at(const REAL *from, int64_t count, int there) {
    return there && count > 0 ? load_part(from, count) : (vec){0};
}

/* Columns b.. of `left`, turned: column b + i becomes row i of pairs. */
static operand pack_left(const window *w, int64_t k, int64_t depth, int64_t b, int64_t last, REAL *restrict space) {
    const int64_t row_stride = KC / PER_UNIT, units = pair_count(depth), end = k + depth;
    for (int64_t unit = 0; unit < units; unit += WIDTH)
        for (int64_t i = b; i < last; i += WIDTH) {
            vec rows[WIDTH];
            for (int64_t p = 0; p < WIDTH; p++) {
                const int64_t row = k + (unit + p) * 2, count = w->left_count - i;
                const REAL *from = w->left + row * w->left_stride + i;
                const REAL *odd = from + w->left_stride;
                __builtin_prefetch(from + 4 * WIDTH), __builtin_prefetch(odd + 4 * WIDTH); /* 32 rows are too many */
                rows[p] = pairs(numbers_at(from, count, row < end), numbers_at(odd, count, row + 1 < end));
            }
            transpose(rows);
            for (int64_t p = 0; p < WIDTH; p++) store(space + (i - b + p) * row_stride + unit, rows[p]);
        }
    return (operand){space, row_stride, 1, units};
}

/* What pack_left made, from its column `column` on. */
INLINE operand left_from(operand left, int64_t column) {
    left.from += column * left.row_stride;
    return left;
}

/* NR columns j.. of `right`, pair of rows after pair of rows. */
static void pack_right(const window *w, int64_t k, int64_t depth, int64_t j, REAL *restrict panel) {
    const int64_t units = pair_count(depth), end = k + depth;
    for (int64_t unit = 0; unit < units; unit++, k += 2)
        for (int64_t i = j; i < j + NR; i += WIDTH, panel += WIDTH) {
            const int64_t count = w->right_count - i;
            const vec even = numbers_at(right_row(w, k) + i, count, k < end);
            store(panel, pairs(even, numbers_at(right_row(w, k + 1) + i, count, k + 1 < end)));
        }
}
