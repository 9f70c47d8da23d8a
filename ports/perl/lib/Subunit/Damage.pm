package Subunit::Damage;

# Tells a corrupt region that is damage from one that is output of a program. In Latin-1 the
# character "³" is the signature, and text can start a line with it.

use strict;
use warnings;
use Exporter 'import';
use Subunit::Packet qw(claimed_length has_form);

our @EXPORT_OK = qw(kind_of);

# The octets that decide: no packet is shorter.
use constant LOOKAHEAD => 8;

# The errors of octets that are no intact packet. All others are errors of its fields.
my %NO_PACKET = map { $_ => 1 }
    qw(version reserved_bit length_encoding length_too_short checksum truncated);

# Octets that text does not have: controls but tab, line feed, return and escape.
# damage.output
my $CONTROL = qr/[\x00-\x08\x0B\x0C\x0E-\x1A\x1C-\x1F\x7F]/;

# Returns what the item at this index of a list of items is: 'packet', 'output', 'damage', or
# 'unknown' if octets are missing. The items behind it in the list are the stream behind it.
# $ended says that the stream ends there. The octets of an intact packet say nothing about a
# region in front of it: they are left out.
sub kind_of {
    my ($items, $index, $ended) = @_;
    my $item = $items->[$index];
    return 'packet' if $item->{kind} eq 'packet';
    return 'output' if $item->{kind} eq 'passthrough';
    # damage.output
    return 'damage' if !$NO_PACKET{ $item->{error} } || $item->{bytes} =~ $CONTROL;
    return 'damage' if _announces_result($item) || _has_form($item);
    my $ahead = '';
    while ($index < @$items && length $ahead < LOOKAHEAD) {
        my $next = $items->[ $index++ ];
        if (_is_intact($next)) {
            $ended = 1;
            last;
        }
        $ahead .= substr $next->{bytes}, 0, LOOKAHEAD - length $ahead;
    }
    return 'damage'  if $ahead =~ $CONTROL;
    return 'output'  if length $ahead == LOOKAHEAD;
    return 'unknown' if !$ended;
    return index($ahead, "\n") < 0 ? 'damage' : 'output';
}

# Returns whether an item is an intact packet, with well-formed fields or not.
sub _is_intact {
    my ($item) = @_;
    # packet.intact
    return $item->{kind} eq 'packet' || $item->{kind} eq 'corrupt' && !$NO_PACKET{ $item->{error} };
}

# Returns whether the flags announce a test id, and a status, tags or a file. An unusable header
# announces nothing: its region is one octet.
sub _announces_result {
    my ($region) = @_;
    # damage.output
    return 0 if length $region->{bytes} < 3;
    my $flags = unpack 'x n', $region->{bytes};
    return $flags & 0x0800 && $flags & 0x00C7;
}

# Returns whether a region that is as long as its header claims has the form of a packet.
sub _has_form {
    my ($region) = @_;
    my $octets = $region->{bytes};
    # damage.output, stream.form
    return $region->{error} eq 'checksum'
        && length $octets >= LOOKAHEAD
        && claimed_length(\$octets) == length $octets
        && has_form(\$octets, 0, length $octets);
}

1;
