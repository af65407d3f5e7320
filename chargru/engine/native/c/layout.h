/* Structs that Python fills. The macro FIELDS lists the fields of one in order, as FIELD(type, name); STRUCT makes the
 * struct of them and a function that tells Python each field's name, offset and size, to compare with its own. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct { const char *name; int64_t offset, size; } field;

#define MEMBER(type, name) type name;
#define DESCRIPTION(type, name) {#name, offsetof(described, name), sizeof(type)},

/* The last row has no name; its offset is the size of the whole. */
#define STRUCT(NAME, FIELDS)                                                        \
    typedef struct { FIELDS(MEMBER) } NAME;                                         \
    EXPORT const field *NAME##_layout(void) {                                       \
        typedef NAME described;                                                     \
        static const field rows[] = {FIELDS(DESCRIPTION) {"", sizeof(NAME), 0}};    \
        return rows;                                                                \
    }
