package Subunit::Packet;

# From the octets of one packet, whole and with a checksum that holds, to its fields. Who asks
# has made sure of both: see Subunit::Reader.

use strict;
use warnings;
use Exporter 'import';
use Subunit::Error;
use Subunit::Number qw(number);
use Subunit::Text qw(text_of_octets);
use Subunit::Writer qw(seal @STATUSES);

our @EXPORT_OK = qw(decode with_route);

# A packet as a hash, as Subunit::Writer takes it. Where a field is not well formed,
# Subunit::Error::Malformed says what is wrong first.
sub decode {
    my ($octets) = @_;
    my $flags  = unpack 'x n', $octets;
    my $fields = _fields($octets);
    my %packet = (kind => 'packet');
    if ($flags & 0x0200) {
        my $seconds     = unpack 'N', _take($fields, 4);
        my $nanoseconds = _take_number($fields);
        Subunit::Error::Malformed->throw('nanoseconds') if $nanoseconds > 999_999_999;
        $packet{timestamp} = { seconds => $seconds, nanoseconds => $nanoseconds };
    }
    $packet{test_id} = _take_string($fields) if $flags & 0x0800;
    if ($flags & 0x0080) {
        # A count can be a thousand million; each tag takes an octet, so the octets end first.
        my $count = _take_number($fields);
        my @tags;
        push @tags, _take_string($fields) while @tags < $count;
        $packet{test_tags} = \@tags;
    }
    $packet{mime_type} = _take_string($fields) if $flags & 0x0020;
    if ($flags & 0x0040) {
        $packet{file_name}  = _take_string($fields);
        $packet{file_bytes} = _take_sized($fields);
    }
    $packet{route_code} = _take_string($fields) if $flags & 0x0400;
    Subunit::Error::Malformed->throw('trailing_bytes') if $fields->{at} < $fields->{end};
    $packet{test_status} = $STATUSES[ $flags & 0x0007 ] if $flags & 0x0007;
    $packet{runnable} = $flags & 0x0100 ? 1 : 0;
    $packet{eof}      = $flags & 0x0010 ? 1 : 0;
    return \%packet;
}

# The octets of a packet with a step, given in octets, in front of its route code. All that is
# before the route code stays as it is, octet for octet: the fields were read once, so here they
# are skipped. Where it gets too long, Subunit::Error::Refused.
sub with_route {
    my ($octets, $step) = @_;
    my $flags  = unpack 'x n', $octets;
    my $fields = _fields($octets);
    if ($flags & 0x0200) {
        _take($fields, 4);
        _take_number($fields);
    }
    _take_sized($fields) if $flags & 0x0800;
    if ($flags & 0x0080) {
        _take_sized($fields) for 1 .. _take_number($fields);
    }
    _take_sized($fields) if $flags & 0x0020;
    if ($flags & 0x0040) {
        _take_sized($fields) for 1 .. 2;
    }
    my $before = substr $octets, $fields->{start}, $fields->{at} - $fields->{start};
    my $route  = $flags & 0x0400 ? join('/', $step, _take_sized($fields)) : $step;
    return seal($flags | 0x0400, join '', $before, number(length $route), $route);
}

# A place that walks through the fields, from behind the length to the checksum.
sub _fields {
    my ($octets) = @_;
    my $start = 4 + (ord(substr $octets, 3, 1) >> 6);
    return { octets => $octets, start => $start, at => $start, end => length($octets) - 4 };
}

sub _take {
    my ($fields, $size) = @_;
    my $at = $fields->{at};
    Subunit::Error::Malformed->throw('field_overrun') if $size > $fields->{end} - $at;
    $fields->{at} = $at + $size;
    return substr $fields->{octets}, $at, $size;
}

# A number of any width: the top two bits of its first octet say how many follow.
sub _take_number {
    my ($fields) = @_;
    my $first = ord _take($fields, 1);
    my $value = $first & 0x3F;
    for my $each (unpack 'C*', _take($fields, $first >> 6)) {
        $value = $value << 8 | $each;
    }
    return $value;
}

# A size, and so many octets.
sub _take_sized {
    my ($fields) = @_;
    return _take($fields, _take_number($fields));
}

sub _take_string {
    my ($fields) = @_;
    my $text = text_of_octets(_take_sized($fields));
    Subunit::Error::Malformed->throw('utf8') if !defined $text;
    Subunit::Error::Malformed->throw('nul')  if index($text, "\0") >= 0;
    return $text;
}

1;
