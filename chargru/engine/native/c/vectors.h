/* Whole vectors of the processor: loads and stores, and the three functions of a gate.
 *
 * REAL is float or double (with DOUBLE). Only the vector extensions that gcc and clang share are used.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
enum { BYTES = 64 };
#elif defined(__AVX__)
enum { BYTES = 32 };
#elif defined(__aarch64__)
enum { BYTES = 16 };
#else
#error no wide vectors on this processor: torch operations are faster
#endif

typedef REAL vec __attribute__((vector_size(BYTES)));
enum { WIDTH = BYTES / sizeof(REAL) };

#define INLINE static inline __attribute__((always_inline))

/* The compiler must have this vector in a register here, and may neither fuse what made it with what uses it nor make
 * it again. */
#if defined(__x86_64__)
#define KEEP_IN_REGISTER(vector) __asm__("" : "+v"(vector))
#else
#define KEEP_IN_REGISTER(vector) __asm__("" : "+w"(vector))
#endif

/* ---- loads and stores ---- */

INLINE vec load(const REAL *p) { vec v; memcpy(&v, p, sizeof v); return v; }
INLINE void store(REAL *p, vec v) { memcpy(p, &v, sizeof v); }

INLINE vec load_part(const REAL *p, int64_t count) {
    if (count >= WIDTH) return load(p);
    vec v = {0};
    for (int64_t i = 0; i < count; i++) v[i] = p[i];
    return v;
}

INLINE void store_part(REAL *p, vec v, int64_t count) {
    if (count >= WIDTH) { store(p, v); return; }
    for (int64_t i = 0; i < count; i++) p[i] = v[i];
}

/* ---- exp, sigmoid, tanh ---- */

#ifdef DOUBLE
typedef int64_t mask __attribute__((vector_size(BYTES)));
#define LOGARITHM log
#else
typedef int32_t mask __attribute__((vector_size(BYTES)));
#define LOGARITHM logf
#endif

INLINE vec choose(mask m, vec yes, vec no) { return (vec)(((mask)yes & m) | ((mask)no & ~m)); }

#ifdef DOUBLE

INLINE vec exponential(vec x) {
    for (int i = 0; i < WIDTH; i++) x[i] = exp(x[i]);
    return x;
}

INLINE vec sigmoid(vec x) {
    for (int i = 0; i < WIDTH; i++) x[i] = 1 / (1 + exp(-x[i]));
    return x;
}

INLINE vec hyperbolic_tangent(vec x) {
    for (int i = 0; i < WIDTH; i++) x[i] = tanh(x[i]);
    return x;
}

#else

/* exp, relative error below 1e-7; 0 < result, infinity above 88.8, NaN stays NaN. The coefficients are a
 * minimax fit on |r| <= ln 2 / 2; the comparisons are written so that NaN passes through. */
INLINE vec exponential(vec x) {
    const vec zero = {0}, magic = zero + 0x1.8p23f;
    x = choose(x > zero + 89.0f, zero + 89.0f, x);
    x = choose(x < zero - 87.0f, zero - 87.0f, x);
    const vec shifted = x * 1.44269504f + magic;
    const vec n = shifted - magic;
    const vec r = x - n * 0.693145752f - n * 1.42860677e-6f;
    vec p = r * 1.381446685e-3f + 8.368780548e-3f;
    p = p * r + 4.166839422e-2f;
    p = p * r + 1.666652011e-1f;
    p = p * r + 4.999999341e-1f;
    p = p * (r * r) + r + 1.0f;
    const mask exponent = ((mask)shifted - (mask)magic + 127) << 23;
    return p * (vec)exponent;
}

/* Exactly 0 and 1 at -1e4 and 1e4, which forced gates rely on. */
INLINE vec sigmoid(vec x) { return 1.0f / (1.0f + exponential(-x)); }

/* Relative error below 3e-7, exactly 1 and -1 far out: an odd polynomial near 0, 1 - 2 / (e^2x + 1) beyond. */
INLINE vec hyperbolic_tangent(vec x) {
    const vec square = x * x, zero = {0};
    vec p = square * -5.717042340e-3f + 2.065058493e-2f;
    p = p * square - 5.374349738e-2f;
    p = p * square + 1.333149128e-1f;
    p = p * square - 3.333328392e-1f;
    const vec near_zero = x + x * square * p;
    const vec far = 1.0f - 2.0f / (exponential(x + x) + 1.0f);
    return choose(square < zero + 0.390625f, near_zero, far);
}

#endif
