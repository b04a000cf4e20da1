# SPDX-License-Identifier: MIT
# Hash and string churn.
use strict;
my %words;
for my $i (1 .. 131000) {
    my $key = 'word' . ($i * 7919 % 30011);
    push @{ $words{$key} }, join('-', $i, length $key);
    delete $words{ 'word' . ($i * 104729 % 30011) } if $i % 3 == 0;
}
my @longest = sort { @{ $words{$b} } <=> @{ $words{$a} } || $a cmp $b } keys %words;
print "$_ ", scalar @{ $words{$_} }, "\n" for @longest[0 .. 4];
