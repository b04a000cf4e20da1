/* SPDX-License-Identifier: MIT
 * Symbol tables, sorted once for a sweep. See symbol_table.h. */
#include "symbols/symbol_table.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

/* The executable sections of one object; a symbol outside of them is not code. */
struct code_sections {
    struct sym_range *ranges;
    size_t count;
};

static int code_sections_init(struct code_sections *code, Elf *elf) {
    size_t count = 0;
    code->count = 0;
    if (elf_getshdrnum(elf, &count) != 0) count = 0;
    code->ranges = calloc(count + 1, sizeof *code->ranges);
    if (code->ranges == NULL) return -1;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL) continue;
        if ((header.sh_flags & SHF_EXECINSTR) == 0 || (header.sh_flags & SHF_ALLOC) == 0) continue;
        uint64_t end = header.sh_addr + header.sh_size;
        if (end <= header.sh_addr || code->count >= count) continue;
        code->ranges[code->count++] = (struct sym_range){.start = header.sh_addr, .end = end};
    }
    sym_ranges_sort(code->ranges, code->count);
    return 0;
}

/* The end of the section that holds `address`; 0 when it is not code. */
static uint64_t code_section_end(const struct code_sections *code, uint64_t address) {
    size_t low = 0, high = code->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code->ranges[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || code->ranges[low - 1].end <= address) return 0;
    return code->ranges[low - 1].end;
}

static unsigned leading_underscores(const char *name) {
    if (name[0] == '_' && (name[1] == 'Z' || name[1] == 'R' || name[1] == 'D')) return 0;
    unsigned count = 0;
    while (name[count] == '_' && count < 7)
        count++;
    return count;
}

/* What a person would call the function: `read` rather than `__libc_read`, an exported name rather
 * than a local one, a function rather than a label, a strong name rather than a weak one. */
static uint32_t rank_of(const GElf_Sym *symbol, const char *name) {
    uint32_t rank = 0;
    unsigned type = GELF_ST_TYPE(symbol->st_info), bind = GELF_ST_BIND(symbol->st_info);
    if (symbol->st_size > 0) rank |= 1u << 10;
    if (type != STT_NOTYPE) rank |= 1u << 9;
    if (bind != STB_LOCAL) rank |= 1u << 8;
    rank |= (7 - leading_underscores(name)) << 4;
    if (bind != STB_WEAK && bind != STB_LOCAL) rank |= 1u << 3;
    return rank;
}

static int is_function(const GElf_Sym *symbol, const char *name) {
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) return 0;
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    if (type == STT_FUNC || type == STT_GNU_IFUNC) return name[0] != '\0';
    /* Labels: not the assembler's own and not those that mark data in code. */
    return type == STT_NOTYPE && name[0] != '\0' && name[0] != '$' &&
           !(name[0] == '.' && name[1] == 'L');
}

static int append(struct sym_symbol_table *table, const struct sym_symbol *symbol) {
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 1024 : table->capacity * 2;
        struct sym_symbol *grown = realloc(table->symbols, capacity * sizeof *grown);
        if (grown == NULL) return -1;
        table->symbols = grown;
        table->capacity = capacity;
    }
    table->symbols[table->count++] = *symbol;
    return 0;
}

int sym_symbol_table_init(struct sym_symbol_table *table, const struct sym_lookup *lookups,
                          uint32_t count) {
    *table = (struct sym_symbol_table){.lookups = lookups, .lookup_count = count};
    uint64_t span = count == 0 ? 0 : lookups[count - 1].address - lookups[0].address;
    while (span >> table->bin_shift > count)
        table->bin_shift++;
    uint32_t bins = (uint32_t)(span >> table->bin_shift) + 1;
    table->bin_first = malloc((bins + 1) * sizeof *table->bin_first);
    table->nearest = calloc((size_t)count + 1, sizeof *table->nearest);
    if (table->bin_first == NULL || table->nearest == NULL) {
        sym_symbol_table_release(table);
        return -1;
    }
    for (uint32_t bin = 0, i = 0; bin <= bins; bin++) {
        while (i < count && (lookups[i].address - lookups[0].address) >> table->bin_shift < bin)
            i++;
        table->bin_first[bin] = i;
    }
    return 0;
}

/* The first lookup whose address is not below `start`. */
static uint32_t lookup_from(const struct sym_symbol_table *table, uint64_t start) {
    const struct sym_lookup *lookups = table->lookups;
    uint32_t count = table->lookup_count;
    if (count == 0 || start > lookups[count - 1].address) return count;
    if (start <= lookups[0].address) return 0;
    uint64_t bin = (start - lookups[0].address) >> table->bin_shift;
    uint32_t low = table->bin_first[bin], high = table->bin_first[bin + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lookups[middle].address < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether a symbol may decide about an address: it covers one by its size, or is the last before one, be
 * it as its answer or as the end of a symbol without a size. As far as is known by now. */
static int decides(const struct sym_symbol_table *table, uint64_t start, uint64_t size,
                   uint32_t lookup) {
    return lookup < table->lookup_count && (start >= table->nearest[lookup] ||
                                            table->lookups[lookup].address - start < size);
}

/* Most symbols decide about nothing, and their names are not even looked at. */
static int add_section(struct sym_symbol_table *table, Elf *elf, Elf_Scn *section,
                       const GElf_Shdr *header, const struct code_sections *code) {
    Elf_Data *data = elf_getdata(section, NULL);
    if (data == NULL || header->sh_entsize == 0) return 0;
    size_t count = data->d_size / header->sh_entsize;
    for (size_t i = 1; i < count && i <= INT32_MAX; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol) == NULL) break;
        struct sym_symbol one = {.start = symbol.st_value};
        one.lookup = lookup_from(table, one.start);
        if (!decides(table, one.start, symbol.st_size, one.lookup)) continue;
        one.name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (one.name == NULL || !is_function(&symbol, one.name)) continue;
        one.section_end = code_section_end(code, one.start);
        if (one.section_end == 0) continue;
        uint64_t most = one.section_end - one.start;
        one.size = symbol.st_size < most ? symbol.st_size : most;
        one.rank = rank_of(&symbol, one.name);
        if (append(table, &one) != 0) return -1;
        if (table->nearest[one.lookup] < one.start) table->nearest[one.lookup] = one.start;
    }
    return 0;
}

int sym_symbol_table_add(struct sym_symbol_table *table, const struct sym_object *object,
                         enum sym_symbol_section section) {
    uint32_t wanted = section == SYM_SYMTAB ? SHT_SYMTAB : SHT_DYNSYM;
    struct code_sections code;
    if (code_sections_init(&code, object->elf) != 0) return -1;
    int result = 0;
    for (Elf_Scn *s = NULL; result >= 0 && (s = elf_nextscn(object->elf, s)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(s, &header) == NULL || header.sh_type != wanted) continue;
        result = add_section(table, object->elf, s, &header, &code) == 0 ? 1 : -1;
    }
    free(code.ranges);
    return result;
}

static int compare(const void *a, const void *b) {
    const struct sym_symbol *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    /* The shorter name, then the first in the alphabet, so that a run is like the one before. */
    size_t x_length = strlen(x->name), y_length = strlen(y->name);
    if (x_length != y_length) return x_length > y_length ? -1 : 1;
    return -strcmp(x->name, y->name);
}

int sym_symbol_table_finish(struct sym_symbol_table *table) {
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct sym_symbol *s = &table->symbols[i];
        if (decides(table, s->start, s->size, s->lookup)) table->symbols[kept++] = *s;
    }
    table->count = kept;
    size_t count = table->count;
    struct sym_symbol *symbols = table->symbols;
    table->ranges = malloc((count + 1) * sizeof *table->ranges);
    if (table->ranges == NULL) return -1;
    if (count > 1) qsort(symbols, count, sizeof *symbols, compare);
    for (size_t i = 0; i < count;) {
        size_t next = i;
        while (next < count && symbols[next].start == symbols[i].start)
            next++;
        /* The best rank is last, and a size ranks above everything. */
        int sized = symbols[next - 1].size > 0;
        for (; i < next; i++) {
            struct sym_range range = {.start = symbols[i].start, .id = i, .priority = i};
            if (symbols[i].size > 0) {
                range.end = range.start + symbols[i].size;
                range.priority += count;
            } else if (!sized) {
                range.end = next < count && symbols[next].start < symbols[i].section_end
                                ? symbols[next].start
                                : symbols[i].section_end;
            } else {
                continue;
            }
            table->ranges[table->range_count++] = range;
        }
    }
    return 0;
}

void sym_symbol_table_release(struct sym_symbol_table *table) {
    free(table->symbols);
    free(table->ranges);
    free(table->nearest);
    free(table->bin_first);
    memset(table, 0, sizeof *table);
}

size_t sym_symbol_name_length(const char *name) {
    const char *at = strchr(name, '@');
    if (at == NULL || at == name || strcmp(at, "@plt") == 0) return strlen(name);
    return (size_t)(at - name);
}

int sym_is_inside_name(const char *name) {
    return name != NULL && strncmp(name, "__GI_", 5) == 0;
}
