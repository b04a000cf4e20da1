/* SPDX-License-Identifier: MIT
 * Qualified names from DWARF's tree. See dwarf_qualify.h. */
#include "symbols/dwarf_qualify.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/dwarf_names.h"
#include "symbols/symbols.h"

#define LONGEST_NAME 8192
#define DEEPEST 64
#define LONGEST_ORIGIN_CHAIN 16
#define UNNAMED "(unnamed)"

struct search {
    struct sym_frame_list *list;
    char prefix[LONGEST_NAME]; /* of the entry whose children are looked at, with a last "::" */
    uint64_t budget;           /* entries that may still be looked at */
};

Dwarf_Die sym_dwarf_declaration(Dwarf_Die die) {
    for (int i = 0; i < LONGEST_ORIGIN_CHAIN; i++) {
        Dwarf_Attribute attribute;
        Dwarf_Die next;
        Dwarf_Attribute *link = dwarf_attr(&die, DW_AT_abstract_origin, &attribute);
        if (link == NULL) link = dwarf_attr(&die, DW_AT_specification, &attribute);
        if (link == NULL || dwarf_formref_die(link, &next) == NULL) break;
        die = next;
    }
    return die;
}

/* What an entry adds to the names of its children; NULL: nothing. */
static const char *part_of(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    const char *name;
    switch (dwarf_tag(die)) {
    case DW_TAG_namespace:
    case DW_TAG_module:
        name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attribute));
        return name != NULL ? name : "(anonymous namespace)";
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_interface_type:
        name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attribute));
        return name != NULL ? name : UNNAMED;
    case DW_TAG_subprogram:
        return dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attribute));
    default:
        return NULL;
    }
}

/* A class without a name that can be called is a lambda. */
static void name_one(struct search *search, struct sym_dwarf_plain *one) {
    char text[LONGEST_NAME];
    static const char unnamed[] = UNNAMED "::";
    size_t before = strlen(search->prefix), unnamed_length = sizeof unnamed - 1;
    const char *lambda = "";
    if (strncmp(one->plain, "operator()", 10) == 0 && before >= unnamed_length &&
        strcmp(search->prefix + before - unnamed_length, unnamed) == 0) {
        before -= unnamed_length;
        lambda = "{lambda}::";
    }
    int length =
        snprintf(text, sizeof text, "%.*s%s%s", (int)before, search->prefix, lambda, one->plain);
    if (length > 0 && length < (int)sizeof text)
        one->qualified = sym_frame_list_name(search->list, text, (size_t)length);
}

static void search_children(struct search *search, Dwarf_Die *parent, struct sym_dwarf_plain *plain,
                            size_t count, int depth);

/* Adds to the prefix what `die` contributes. A function that has a linkage name says all of it
 * there; it may be defined away from the namespace that declares it. */
static void extend_prefix(struct search *search, Dwarf_Die *die) {
    size_t length = strlen(search->prefix);
    const char *part = part_of(die);
    const char *linkage = dwarf_tag(die) == DW_TAG_subprogram ? sym_dwarf_linkage_name(die) : NULL;
    char *readable = linkage != NULL ? sym_demangle(linkage) : NULL;
    if (readable != NULL) {
        part = readable;
        length = 0;
    }
    if (part != NULL && length + strlen(part) + 3 <= sizeof search->prefix)
        snprintf(search->prefix + length, sizeof search->prefix - length, "%s::", part);
    free(readable);
}

/* `plain` are those that `die` or its children declare. */
static void search_entry(struct search *search, Dwarf_Die *die, struct sym_dwarf_plain *plain,
                         size_t count, int depth) {
    for (; count > 0 && dwarf_dieoffset(&plain->die) == dwarf_dieoffset(die); plain++, count--)
        name_one(search, plain);
    char *outer = count > 0 ? strdup(search->prefix) : NULL;
    if (outer == NULL) return;
    extend_prefix(search, die);
    search_children(search, die, plain, count, depth + 1);
    memcpy(search->prefix, outer, strlen(outer) + 1);
    free(outer);
}

static void search_children(struct search *search, Dwarf_Die *parent, struct sym_dwarf_plain *plain,
                            size_t count, int depth) {
    Dwarf_Die die;
    if (depth > DEEPEST || dwarf_child(parent, &die) != 0) return;
    while (count > 0 && search->budget > 0) {
        search->budget--;
        Dwarf_Die next;
        int is_last = dwarf_siblingof(&die, &next) != 0;
        size_t own = 0;
        while (own < count &&
               (is_last || dwarf_dieoffset(&plain[own].die) < dwarf_dieoffset(&next)))
            own++;
        if (own > 0) search_entry(search, &die, plain, own, depth);
        plain += own;
        count -= own;
        if (is_last) return;
        die = next;
    }
}

static int compare(const void *a, const void *b) {
    const struct sym_dwarf_plain *x = a, *y = b;
    if (x->die.cu != y->die.cu) return (uintptr_t)x->die.cu < (uintptr_t)y->die.cu ? -1 : 1;
    Dwarf_Off x_at = dwarf_dieoffset((Dwarf_Die *)&x->die);
    Dwarf_Off y_at = dwarf_dieoffset((Dwarf_Die *)&y->die);
    return x_at < y_at ? -1 : x_at > y_at;
}

void sym_dwarf_qualify(struct sym_dwarf_plain *plain, size_t count, struct sym_frame_list *list) {
    if (count == 0) return;
    for (size_t i = 0; i < count; i++)
        plain[i].qualified = plain[i].plain;
    qsort(plain, count, sizeof *plain, compare);
    struct search *search = malloc(sizeof *search);
    if (search == NULL) {
        list->out_of_memory = 1;
        return;
    }
    search->list = list;
    for (size_t first = 0; first < count;) {
        size_t next = first;
        while (next < count && plain[next].die.cu == plain[first].die.cu)
            next++;
        Dwarf_Die root;
        search->prefix[0] = '\0';
        search->budget = UINT32_MAX;
        if (dwarf_diecu(&plain[first].die, &root, NULL, NULL) != NULL)
            search_children(search, &root, plain + first, next - first, 0);
        first = next;
    }
    free(search);
}
