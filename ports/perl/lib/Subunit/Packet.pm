package Subunit::Packet;

# Decodes the octets of one packet to its fields. The packet has to be whole and its checksum to
# hold: the caller, Subunit::Reader, has checked both.

use strict;
use warnings;
use Exporter 'import';
use Subunit::Error;
use Subunit::Number qw(number);
use Subunit::Text qw(text_of_octets);
use Subunit::Writer qw(packet_of @STATUSES);

our @EXPORT_OK = qw(decode with_route has_form claimed_length);

# Returns a packet as a hash, as Subunit::Writer takes it. Throws Subunit::Error::Malformed with
# the first error if a field is malformed.
sub decode {
    my ($octets) = @_;
    # packet.order, flags.layout
    my $flags  = unpack 'x n', $octets;
    my $fields = _fields(\$octets, 0, length $octets);
    my %packet = (kind => 'packet');
    if ($flags & 0x0200) {
        # timestamp.seconds
        my $seconds     = unpack 'N', _take($fields, 4);
        my $nanoseconds = _take_number($fields);
        # timestamp.nanoseconds
        Subunit::Error::Malformed->throw('nanoseconds') if $nanoseconds > 999_999_999;
        $packet{timestamp} = { seconds => $seconds, nanoseconds => $nanoseconds };
    }
    # test-id.absent
    $packet{test_id} = _take_string($fields) if $flags & 0x0800;
    if ($flags & 0x0080) {
        # tags.field
        # The count can be a thousand million. Each tag takes an octet, so the octets run out first.
        my $count = _take_number($fields);
        my @tags;
        push @tags, _take_string($fields) while @tags < $count;
        $packet{test_tags} = \@tags;
    }
    # mime.without-file
    $packet{mime_type} = _take_string($fields) if $flags & 0x0020;
    if ($flags & 0x0040) {
        # file.field
        $packet{file_name}  = _take_string($fields);
        $packet{file_bytes} = _take_sized($fields);
    }
    # route.meaning
    $packet{route_code} = _take_string($fields) if $flags & 0x0400;
    # fields.nothing-left
    Subunit::Error::Malformed->throw('trailing_bytes') if $fields->{index} < $fields->{end};
    # status.values
    $packet{test_status} = $STATUSES[ $flags & 0x0007 ] if $flags & 0x0007;
    # runnable.meaning
    $packet{runnable} = $flags & 0x0100 ? 1 : 0;
    # file.eof-without-file
    $packet{eof}      = $flags & 0x0010 ? 1 : 0;
    return \%packet;
}

# Returns the octets of a packet with a step, given as octets, in front of its route code. The
# octets before the route code do not change: the fields are only skipped. Throws
# Subunit::Error::Refused if the packet gets too long.
sub with_route {
    my ($octets, $step) = @_;
    # route.add, route.unchanged
    my $flags  = unpack 'x n', $octets;
    my $fields = _fields(\$octets, 0, length $octets);
    _skip_fields($fields, $flags, length $octets);
    my $before = substr $octets, $fields->{start}, $fields->{index} - $fields->{start};
    my $route  = $flags & 0x0400 ? join('/', $step, _take_sized($fields)) : $step;
    return packet_of($flags | 0x0400, join '', $before, number(length $route), $route);
}

# Returns whether the $length octets from this index of $$buffer on have the form of a packet: the
# fields, by their sizes alone, end where the checksum starts. The header has to be usable.
#
# Every candidate among output comes here, so at most 63 tags are followed, and nothing is copied.
sub has_form {
    my ($buffer, $index, $length) = @_;
    # stream.form
    my $flags  = unpack 'n', substr $$buffer, $index + 1, 2;
    my $fields = _fields($buffer, $index, $length);
    my $walked = eval {
        _skip_fields($fields, $flags, 63);
        _skip_sized($fields) if $flags & 0x0400;
        1;
    };
    return $walked && $fields->{index} == $fields->{end};
}

# Returns the length that the header at the start of $$octets claims.
sub claimed_length {
    my ($octets) = @_;
    # length.whole
    my $cursor = { buffer => $octets, index => 3, end => length $$octets };
    return _take_number($cursor);
}

# Returns a cursor over the fields of the packet at this index of $$buffer, from behind the length
# up to the checksum.
sub _fields {
    my ($buffer, $index, $length) = @_;
    # fields.inside
    my $start = $index + 4 + (ord(substr $$buffer, $index + 3, 1) >> 6);
    return { buffer => $buffer, start => $start, index => $start, end => $index + $length - 4 };
}

# Skips the fields before the route code by their sizes. A content is skipped like a string.
sub _skip_fields {
    my ($fields, $flags, $most_tags) = @_;
    # packet.order
    if ($flags & 0x0200) {
        _skip($fields, 4);
        _take_number($fields);
    }
    _skip_sized($fields) if $flags & 0x0800;
    if ($flags & 0x0080) {
        my $count = _take_number($fields);
        Subunit::Error::Malformed->throw('field_overrun') if $count > $most_tags;
        _skip_sized($fields) for 1 .. $count;
    }
    _skip_sized($fields) if $flags & 0x0020;
    if ($flags & 0x0040) {
        _skip_sized($fields) for 1 .. 2;
    }
    return;
}

# Skips octets, and returns the index of the first of them.
sub _skip {
    my ($fields, $size) = @_;
    my $index = $fields->{index};
    # fields.inside
    Subunit::Error::Malformed->throw('field_overrun') if $size > $fields->{end} - $index;
    $fields->{index} = $index + $size;
    return $index;
}

sub _skip_sized {
    my ($fields) = @_;
    # string.size
    _skip($fields, _take_number($fields));
    return;
}

sub _take {
    my ($fields, $size) = @_;
    # fields.inside
    my $index = _skip($fields, $size);
    return substr ${ $fields->{buffer} }, $index, $size;
}

# Takes a number of any width: the top two bits of its first octet count the octets behind it.
sub _take_number {
    my ($fields) = @_;
    # number.encoding, number.any-width
    my $first = ord _take($fields, 1);
    my $value = $first & 0x3F;
    for my $each (unpack 'C*', _take($fields, $first >> 6)) {
        $value = $value << 8 | $each;
    }
    return $value;
}

# Takes a size, and then that many octets.
sub _take_sized {
    my ($fields) = @_;
    # string.size
    return _take($fields, _take_number($fields));
}

sub _take_string {
    my ($fields) = @_;
    my $text = text_of_octets(_take_sized($fields));
    # string.utf8, string.strict
    Subunit::Error::Malformed->throw('utf8') if !defined $text;
    # string.no-nul
    Subunit::Error::Malformed->throw('nul')  if index($text, "\0") >= 0;
    return $text;
}

1;
