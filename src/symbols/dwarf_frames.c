/* SPDX-License-Identifier: MIT
 * Frames by DWARF. See dwarf_frames.h. */
#include "symbols/dwarf_frames.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/dwarf_names.h"
#include "symbols/dwarf_qualify.h"
#include "symbols/dwarf_units.h"
#include "symbols/symbol_table.h"

#define NO_SCOPE UINT32_MAX
#define DEEPEST 400 /* nested scopes; more than any compiler makes */
#define LINES_BEFORE_REOPEN 2000000

/* A function, or one inlined into the scope `parent`, that holds an address asked for. */
struct scope {
    Dwarf_Die die;
    uint32_t parent;  /* NO_SCOPE for a function that really stands there */
    uint8_t used;     /* an address's frames go through it, so the fields below are filled */
    uint8_t is_plain; /* its name is not a linkage name, where the language has them */
    const char *name;
    const char *call_file;
    uint32_t call_line;
};

/* The work on one unit. */
struct unit_walk {
    struct sym_lookup *lookups;
    size_t count;
    uint32_t *innermost; /* of each lookup: the innermost scope found so far */
    struct scope *scopes;
    size_t scope_count, scope_capacity;
    uint64_t budget; /* entries that may still be looked at: siblings of a damaged unit can
                        form a ring, and a unit cannot have more entries than bytes */
    int everywhere;  /* second try: also into types and functions without an address asked */
    struct sym_frame_list *list;
    struct sym_unit_names names;
};

static uint32_t add_scope(struct unit_walk *walk, const Dwarf_Die *die, uint32_t parent) {
    if (walk->scope_count == walk->scope_capacity) {
        size_t capacity = walk->scope_capacity == 0 ? 256 : walk->scope_capacity * 2;
        struct scope *grown = realloc(walk->scopes, capacity * sizeof *grown);
        if (grown == NULL) {
            walk->list->out_of_memory = 1;
            return NO_SCOPE;
        }
        walk->scopes = grown;
        walk->scope_capacity = capacity;
    }
    walk->scopes[walk->scope_count] = (struct scope){.die = *die, .parent = parent};
    return (uint32_t)walk->scope_count++;
}

static size_t first_at_or_after(const struct unit_walk *walk, uint64_t address) {
    size_t low = 0, high = walk->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (walk->lookups[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Enters the lookups inside `die` into a new scope; NO_SCOPE when there are none. */
static uint32_t claim(struct unit_walk *walk, Dwarf_Die *die, uint32_t parent) {
    uint32_t scope = NO_SCOPE;
    Dwarf_Addr base = 0, start = 0, end = 0;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
        if (!sym_dwarf_range_is_real(start, end)) continue;
        for (size_t i = first_at_or_after(walk, start);
             i < walk->count && walk->lookups[i].address < end; i++) {
            if (scope == NO_SCOPE) scope = add_scope(walk, die, parent);
            if (scope == NO_SCOPE) return NO_SCOPE;
            walk->innermost[i] = scope;
        }
    }
    return scope;
}

static int may_hold_functions(int tag) {
    switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_interface_type:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_with_stmt:
    case DW_TAG_common_block:
        return 1;
    default:
        return 0;
    }
}

static void walk_children(struct unit_walk *walk, Dwarf_Die *parent, uint32_t scope, int depth);

static void walk_entry(struct unit_walk *walk, Dwarf_Die *die, uint32_t scope, int depth) {
    int tag = dwarf_tag(die);
    if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_entry_point) {
        uint32_t outer = tag == DW_TAG_inlined_subroutine ? scope : NO_SCOPE;
        uint32_t own = claim(walk, die, outer);
        if (own != NO_SCOPE || walk->everywhere) walk_children(walk, die, own, depth + 1);
        return;
    }
    int is_type = tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
                  tag == DW_TAG_union_type || tag == DW_TAG_interface_type;
    if (may_hold_functions(tag) && (!is_type || walk->everywhere))
        walk_children(walk, die, scope, depth + 1);
}

static void walk_children(struct unit_walk *walk, Dwarf_Die *parent, uint32_t scope, int depth) {
    Dwarf_Die die;
    if (depth > DEEPEST || dwarf_child(parent, &die) != 0) return;
    do {
        if (walk->budget == 0) return;
        walk->budget--;
        walk_entry(walk, &die, scope, depth);
    } while (dwarf_siblingof(&die, &die) == 0);
}

static void find_scopes(struct unit_walk *walk, Dwarf_Die *unit, uint64_t unit_bytes) {
    for (size_t i = 0; i < walk->count; i++)
        walk->innermost[i] = NO_SCOPE;
    for (walk->everywhere = 0; walk->everywhere < 2; walk->everywhere++) {
        walk->scope_count = 0;
        walk->budget = unit_bytes;
        walk_children(walk, unit, NO_SCOPE, 0);
        size_t missing = 0;
        for (size_t i = 0; i < walk->count; i++)
            missing += walk->innermost[i] == NO_SCOPE;
        if (missing == 0) return;
    }
}

static void name_scope(struct unit_walk *walk, struct scope *scope) {
    scope->name = sym_dwarf_function_name(&walk->names, &scope->die, walk->list, &scope->is_plain);
    if (scope->parent != NO_SCOPE)
        sym_dwarf_call_site(&walk->names, &scope->die, walk->list, &scope->call_file,
                            &scope->call_line);
}

/* Names the scopes that frames go through; returns how many have only a plain name. */
static size_t name_scopes(struct unit_walk *walk) {
    size_t plain = 0;
    for (size_t i = 0; i < walk->count; i++) {
        for (uint32_t at = walk->innermost[i]; at != NO_SCOPE; at = walk->scopes[at].parent) {
            struct scope *scope = &walk->scopes[at];
            if (scope->used) break;
            scope->used = 1;
            name_scope(walk, scope);
            plain += scope->is_plain && scope->name != NULL;
        }
    }
    return plain;
}

static void qualify_scopes(struct unit_walk *walk, size_t plain_count) {
    if (plain_count == 0) return;
    struct sym_dwarf_plain *plain = malloc(plain_count * sizeof *plain);
    if (plain == NULL) {
        walk->list->out_of_memory = 1;
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < walk->scope_count; i++) {
        const struct scope *scope = &walk->scopes[i];
        if (!scope->used || !scope->is_plain || scope->name == NULL) continue;
        plain[count++] = (struct sym_dwarf_plain){
            .die = sym_dwarf_declaration(scope->die), .plain = scope->name, .owner = i};
    }
    sym_dwarf_qualify(plain, count, walk->list);
    for (size_t i = 0; i < count; i++)
        walk->scopes[plain[i].owner].name = plain[i].qualified;
    free(plain);
}

static void emit(struct unit_walk *walk, size_t i) {
    struct sym_lookup *lookup = &walk->lookups[i];
    const char *file = NULL;
    uint32_t line = 0;
    int has_line = sym_dwarf_line(&walk->names, lookup->address, walk->list, &file, &line);
    uint32_t at = walk->innermost[i];
    if (at == NO_SCOPE && !has_line) return;
    lookup->first = (uint32_t)walk->list->count;
    lookup->prefers_symbol = at == NO_SCOPE;
    if (at == NO_SCOPE) sym_frame_list_push(walk->list, NULL, file, line, 0);
    while (at != NO_SCOPE) {
        const struct scope *scope = &walk->scopes[at];
        sym_frame_list_push(walk->list, scope->name, file, line, scope->parent != NO_SCOPE);
        file = scope->call_file;
        line = scope->call_line;
        lookup->prefers_symbol = scope->is_plain || sym_is_inside_name(scope->name);
        at = scope->parent;
    }
    lookup->count = (uint32_t)(walk->list->count - lookup->first);
}

static void resolve_unit(struct unit_walk *walk, Dwarf_Die *unit) {
    /* With split DWARF the tree is in another file, which libdw opens here, and the lines are not.
     */
    Dwarf_Die tree = *unit, split;
    uint8_t type = 0;
    if (dwarf_cu_info(unit->cu, NULL, &type, NULL, &split, NULL, NULL, NULL) == 0 &&
        type == DW_UT_skeleton && split.cu != NULL)
        tree = split;
    sym_unit_names_init(&walk->names, unit, &tree);
    find_scopes(walk, &tree, sym_dwarf_unit_bytes(&tree));
    qualify_scopes(walk, name_scopes(walk));
    for (size_t i = 0; i < walk->count; i++)
        emit(walk, i);
}

/* The lookups of each unit follow one another, with those of no unit at the end: a unit is to be
 * walked once even where its functions lie among those of others. */
struct assigned {
    uint64_t unit; /* UINT64_MAX: none */
    size_t lookup;
};

static int compare_assigned(const void *a, const void *b) {
    const struct assigned *x = a, *y = b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return x->lookup < y->lookup ? -1 : x->lookup > y->lookup;
}

static int assign_units(const struct sym_dwarf_units *units, const struct sym_lookup *lookups,
                        size_t count, struct assigned *assigned) {
    struct sym_sweep sweep;
    if (sym_sweep_init(&sweep, units->ranges, units->count) != 0) return -1;
    for (size_t i = 0; i < count; i++) {
        size_t range = sym_sweep_at(&sweep, lookups[i].address);
        assigned[i].lookup = i;
        assigned[i].unit = range == SYM_RANGE_NONE ? UINT64_MAX : units->ranges[range].id;
    }
    sym_sweep_release(&sweep);
    qsort(assigned, count, sizeof *assigned, compare_assigned);
    return 0;
}

static int resolve_units(struct sym_dwarf_source *source, const struct assigned *assigned,
                         struct sym_lookup *lookups, size_t count, struct unit_walk *walk) {
    struct sym_lookup *own = walk->lookups;
    size_t lines = 0;
    for (size_t first = 0; first < count && assigned[first].unit != UINT64_MAX;) {
        size_t next = first;
        for (; next < count && assigned[next].unit == assigned[first].unit; next++)
            own[next - first] = lookups[assigned[next].lookup];
        walk->count = next - first;
        Dwarf_Die unit;
        if (dwarf_offdie(source->dwarf, assigned[first].unit, &unit) != NULL) {
            resolve_unit(walk, &unit);
            for (size_t i = first; i < next; i++)
                lookups[assigned[i].lookup] = own[i - first];
            lines += walk->names.line_count;
        }
        if (walk->list->advanced != NULL)
            walk->list->advanced(walk->list->advanced_context, walk->count);
        first = next;
        if (lines > LINES_BEFORE_REOPEN) {
            if (sym_dwarf_source_reopen(source) != 0) return -1;
            lines = 0;
        }
    }
    return walk->list->out_of_memory ? -1 : 0;
}

int sym_dwarf_frames(struct sym_dwarf_source *source, struct sym_lookup *lookups, size_t count,
                     struct sym_frame_list *list) {
    struct sym_dwarf_units units;
    if (sym_dwarf_units_read(&units, source->dwarf) != 0) return -1;
    struct assigned *assigned = malloc((count + 1) * sizeof *assigned);
    struct unit_walk walk = {.list = list};
    walk.lookups = malloc((count + 1) * sizeof *walk.lookups);
    walk.innermost = malloc((count + 1) * sizeof *walk.innermost);
    int result = -1;
    if (assigned != NULL && walk.lookups != NULL && walk.innermost != NULL &&
        assign_units(&units, lookups, count, assigned) == 0)
        result = resolve_units(source, assigned, lookups, count, &walk);
    free(walk.scopes);
    free(walk.innermost);
    free(walk.lookups);
    free(assigned);
    sym_dwarf_units_release(&units);
    return result;
}
