/* SPDX-License-Identifier: MIT
 * Makes the rows of a recording. See page.h. */
#include "export/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/stack_tree.h"

/* Readable names are made when first asked for, which threads could not do at once. */
static void name_functions(struct an_frames *frames) {
    for (size_t i = 0; i < frames->function_count; i++)
        an_name_full(frames, (uint32_t)i);
}

static int take_rows(struct page *p, const struct an_stack_tree *tree,
                     const struct an_profile *whole, struct failure *f) {
    p->row_count = tree->row_count;
    p->row_parent = malloc(p->row_count * sizeof *p->row_parent);
    p->row_frame = malloc(p->row_count * sizeof *p->row_frame);
    p->row_of_node = calloc(p->node_count + 1, sizeof *p->row_of_node);
    if (p->row_parent == NULL || p->row_frame == NULL || p->row_of_node == NULL)
        return failure_set(f, "cannot list %zu call stacks: out of memory", whole->count);
    for (size_t i = 0; i < p->row_count; i++) {
        p->row_parent[i] = tree->rows[i].parent;
        p->row_frame[i] = tree->rows[i].frame;
    }
    for (size_t i = 0; i < whole->count; i++)
        if (whole->entries[i].node < p->node_count)
            p->row_of_node[whole->entries[i].node] = tree->row_of[i];
    return 0;
}

static int make(struct page *p, const struct an_suppressions *rules, struct failure *f) {
    struct an_profile whole;
    struct an_stack_tree tree;
    if (an_prepare(p->file, f) != 0 || an_frames_build(&p->frames, p->file, f) != 0) return -1;
    rec_nodes(p->file, &p->node_count, f);
    name_functions(&p->frames);
    if (an_suppressed_nodes(&p->suppressed, rules, p->file, &p->frames, f) != 0) return -1;
    if (an_answer_whole(&whole, p->file, f) != 0) return -1;
    int failed = an_stack_tree_build(&tree, p->file, &p->frames, &whole, AN_RECURSION_KEEP, f);
    if (!failed) {
        failed = take_rows(p, &tree, &whole, f);
        an_stack_tree_release(&tree);
    }
    an_profile_release(&whole);
    return failed;
}

int page_init(struct page *p, const struct page_source *source, struct failure *f) {
    *p = (struct page){.file = source->file, .path = source->path, .pruned_function = REC_NONE};
    if (make(p, source->rules, f) == 0) return 0;
    page_release(p);
    return -1;
}

void page_release(struct page *p) {
    an_frames_release(&p->frames);
    free(p->row_parent);
    free(p->row_frame);
    free(p->row_of_node);
    free(p->suppressed);
    memset(p, 0, sizeof *p);
}
