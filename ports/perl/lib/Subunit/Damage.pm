package Subunit::Damage;

# Tells a corrupt region that is damage from one that is output of a program. In Latin-1 the
# character "³" is the signature, and text can start a line with it.

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(kind_of);

# The octets that decide: no packet is shorter.
use constant LOOKAHEAD => 8;

# The errors of octets that are no intact packet. All others are errors of its fields.
my %NO_PACKET = map { $_ => 1 }
    qw(version reserved_bit length_encoding length_too_short checksum truncated);

# Octets that text does not have: controls but tab, line feed, return and escape.
my $CONTROL = qr/[\x00-\x08\x0B\x0C\x0E-\x1A\x1C-\x1F\x7F]/;

# Returns what the item at this index of a list of items is: 'packet', 'output', 'damage', or
# 'unknown' if octets are missing. The items behind it in the list, and then the octets that the
# reader holds, are the stream behind the item. $ended says that the stream ends there.
sub kind_of {
    my ($items, $index, $reader, $ended) = @_;
    my $item = $items->[$index];
    return 'packet' if $item->{kind} eq 'packet';
    return 'output' if $item->{kind} eq 'passthrough';
    return 'damage' if !$NO_PACKET{ $item->{error} } || $item->{form} || $item->{bytes} =~ $CONTROL;
    my $ahead = '';
    while ($index < @$items && length $ahead < LOOKAHEAD) {
        my $next = $items->[ $index++ ];
        $ahead .= substr $next->{raw} // $next->{bytes}, 0, LOOKAHEAD - length $ahead;
    }
    $ahead .= $reader->first_held(LOOKAHEAD - length $ahead);
    return 'damage'  if $ahead =~ $CONTROL;
    return 'output'  if length $ahead == LOOKAHEAD;
    return 'unknown' if !$ended;
    return index($ahead, "\n") < 0 ? 'damage' : 'output';
}

1;
