package Subunit::Writer;

# Encodes packets. A packet is a hash, and an absent key is an absent field:
#
#   test_id, route_code, mime_type, file_name   text
#   file_bytes                                  octets, with file_name
#   test_tags                                   a list of texts
#   test_status                                 'exists' to 'xfail', see @STATUSES
#   timestamp                                   { seconds => ..., nanoseconds => ... }
#   runnable (true by default), eof             true or false
#
# A packet that a reader would not take is refused: Subunit::Error::Refused names the key.

use strict;
use warnings;
use Exporter 'import';
use Subunit::Error;
use Subunit::Number qw(number crc32);
use Subunit::Text qw(octets_of_text);

our @EXPORT_OK = qw(encode encode_split packet_of @STATUSES $MOST $CHUNK);

# The length of the longest packet, and the default size of content in one packet.
# length.limit
our $MOST     = 4_194_303;
our $CHUNK    = 1_048_576;
our @STATUSES = ('', qw(exists inprogress success uxsuccess skip fail xfail));

my %STATUS_OF = map { $STATUSES[$_] => $_ } 1 .. 7;

# flags.layout
my @FLAGS = (
    [ test_id    => 0x0800 ],
    [ route_code => 0x0400 ],
    [ timestamp  => 0x0200 ],
    [ test_tags  => 0x0080 ],
    [ file_name  => 0x0040 ],
    [ mime_type  => 0x0020 ],
);

# Returns the octets of a packet.
sub encode {
    my ($packet) = @_;
    # packet.order
    return packet_of(_flags_of($packet), _fields_of($packet));
}

# Returns the octets of all packets that the content takes, with at most $most octets of it in
# each. Status and end of file are on the last.
sub encode_split {
    my ($packet, $most) = @_;
    # file.split
    my $content = _content($packet);
    my $room    = _room_for_content($packet);
    my $size    = defined $most && $most < $room ? $most : $room;
    # Content of no octets is one packet, even where no other content fits.
    Subunit::Error::Refused->throw('packet') if $size < 1 && length $content;
    my @packets;
    my $index = 0;
    while (length($content) - $index > $size) {
        my %part = (%$packet, file_bytes => substr($content, $index, $size), eof => 0);
        delete $part{test_status};
        push @packets, encode(\%part);
        $index += $size;
    }
    push @packets, encode({ %$packet, file_bytes => substr($content, $index) });
    return join '', @packets;
}

# Returns a packet: signature, flags, length and checksum around the fields. The length counts
# its own octets: one, two or three.
sub packet_of {
    my ($flags, $fields) = @_;
    # length.whole
    my $length = 3 + 1 + length($fields) + 4;
    $length++ if $length > 0x3F;
    $length++ if $length > 0x3FFF;
    # length.limit
    Subunit::Error::Refused->throw('packet') if $length > $MOST;
    my $octets = join '', "\xB3", pack('n', $flags), number($length), $fields;
    # checksum.crc32
    return $octets . pack 'N', crc32($octets);
}

sub _flags_of {
    my ($packet) = @_;
    # flags.version, flags.layout
    my $flags = 0x2000;
    for my $field (@FLAGS) {
        my ($key, $bit) = @$field;
        $flags |= $bit if exists $packet->{$key};
    }
    # runnable.meaning
    $flags |= 0x0100 if !exists $packet->{runnable} || $packet->{runnable};
    # file.eof
    $flags |= 0x0010 if $packet->{eof};
    # status.values
    if (exists $packet->{test_status}) {
        $flags |= $STATUS_OF{ $packet->{test_status} // '' }
            // Subunit::Error::Refused->throw('test_status');
    }
    return $flags;
}

# Returns the octets between the length and the checksum.
sub _fields_of {
    my ($packet) = @_;
    my @fields;
    # packet.order
    push @fields, _time($packet->{timestamp}) if exists $packet->{timestamp};
    push @fields, _string('test_id', $packet->{test_id}) if exists $packet->{test_id};
    # tags.field, tags.wire-order
    if (exists $packet->{test_tags}) {
        my @tags = @{ $packet->{test_tags} };
        push @fields, number(scalar @tags), map { _string('test_tags', $_) } @tags;
    }
    push @fields, _string('mime_type', $packet->{mime_type}) if exists $packet->{mime_type};
    # file.field
    if (exists $packet->{file_name}) {
        my $content = _content($packet);
        push @fields, _string('file_name', $packet->{file_name}), number(length $content), $content;
    }
    push @fields, _string('route_code', $packet->{route_code}) if exists $packet->{route_code};
    return join '', @fields;
}

sub _time {
    my ($time) = @_;
    # timestamp.seconds, timestamp.nanoseconds
    return pack('N', _whole($time->{seconds}, 4_294_967_295))
        . number(_whole($time->{nanoseconds}, 999_999_999));
}

sub _whole {
    my ($value, $largest) = @_;
    # writer.refuses
    return $value if defined $value && $value =~ /\A[0-9]+\z/ && $value <= $largest;
    Subunit::Error::Refused->throw('timestamp');
}

sub _string {
    my ($key, $text) = @_;
    # string.utf8, string.no-nul
    my $octets = octets_of_text($text);
    if (!defined $octets || index($octets, "\0") >= 0) {
        Subunit::Error::Refused->throw($key);
    }
    return number(length $octets) . $octets;
}

sub _content {
    my ($packet) = @_;
    # writer.refuses
    my $content = $packet->{file_bytes} // '';
    return $content if utf8::downgrade($content, 1);
    Subunit::Error::Refused->throw('file_bytes');    # text, not octets
}

# Returns the most octets of content that fit beside the other fields. 10: signature, flags,
# length and checksum; 1: the size of no content. The size of the content takes one to three.
sub _room_for_content {
    my ($packet) = @_;
    # file.split, route.too-long
    my $left = $MOST - 10 - (length(_fields_of({ %$packet, file_bytes => '' })) - 1);
    my $room = 0;
    for my $width (1 .. 3) {
        my $largest = (1 << (8 * $width - 2)) - 1;
        my $fits    = $left - $width < $largest ? $left - $width : $largest;
        $room = $fits if $fits > $room;
    }
    return $room;
}

1;
