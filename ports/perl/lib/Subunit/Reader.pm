package Subunit::Reader;

# A stream, in pieces of any size, to items: packets, passthrough (whatever else was written
# there) and corrupt regions. Together they are the stream, octet for octet; each is there as
# soon as nothing that is still to come can change it; and no input makes a reader die.
#
#   my $reader = Subunit::Reader->new;
#   while (sysread STDIN, my $octets, 65536) {
#       handle($_) for @{ $reader->feed($octets) };
#   }
#   handle($_) for @{ $reader->close };
#
# An item is a hash with kind, offset, length, and
#
#   packet        the fields as Subunit::Writer takes them; recovered, where a damaged packet
#                 claimed to reach past its start; raw, its octets, where new was asked for it
#   passthrough   bytes; neighbouring ones can be one piece of text, so join them to show it
#   corrupt       bytes, and error, the code of what is wrong

use strict;
use warnings;
use Subunit::Checksums;
use Subunit::Error;
use Subunit::Packet qw(decode);
use Subunit::Text qw(text_after text_after_all BETWEEN BROKEN);

use constant { SIGNATURE => "\xB3", LINE_FEED => "\n" };

# Flags, and the least octets that the field takes where the flag is set.
my @LEAST = ([ 0x0200, 5 ], [ 0x0800, 1 ], [ 0x0080, 1 ], [ 0x0020, 1 ], [ 0x0040, 2 ], [ 0x0400, 1 ]);

# What plain text does not hold: control characters but tab, line feed, return and escape.
my @IS_CONTROL = ((1) x 0x20, (0) x 0xE0);
@IS_CONTROL[ 0x09, 0x0A, 0x0D, 0x1B, 0x7F ] = (0, 0, 0, 0, 1);

sub new {
    my ($class, %options) = @_;
    my %self = (
        held        => '',       # octets that are in no item yet
        base        => 0,        # the place of the first of them in the stream
        pieces      => [],       # octets that came, too few of them to look at
        arrived     => 0,        # how many these are
        wanted      => 1,        # so many octets in all can change something
        expected    => 1,        # a packet may begin here: what does not is damage
        text        => BETWEEN,  # where in a character the text between packets is
        region      => undef,    # a corrupt region whose end is being searched for
        claimed_end => 0,        # up to here packets are recovered from damaged ones
        checksums   => Subunit::Checksums->new,
        items       => [],
        raw         => $options{raw},
    );
    return bless \%self, $class;
}

# The items that are settled once these octets have come, as a list of hashes.
sub feed {
    my ($self, $octets) = @_;
    utf8::downgrade($octets);    # dies where it is no octets but text
    push @{ $self->{pieces} }, $octets;
    $self->{arrived} += length $octets;
    return [] if length($self->{held}) + $self->{arrived} < $self->{wanted};
    return $self->_settle(0);
}

# As if the stream had ended here; it goes on all the same.
sub stop_waiting {
    my ($self) = @_;
    return $self->_settle(1);
}

# The stream has ended: the rest of its items.
sub close {
    my ($self) = @_;
    return $self->_settle(1);
}

# Items from what is held, up to where octets are missing. What settles something returns the
# place behind it, what has to wait that where it is.
sub _settle {
    my ($self, $ended) = @_;
    $self->{held} .= join '', splice @{ $self->{pieces} };
    $self->{arrived} = 0;
    $self->{wanted}  = 1;
    $self->{items}   = [];
    my $at = 0;
    while ($at < length $self->{held}) {
        my $behind = $self->_settle_next($at, $ended);
        last if $behind == $at;
        $at = $behind;
    }
    substr $self->{held}, 0, $at, '';
    $self->{base} += $at;
    $self->{checksums}->forget_before($self->{base});
    return $self->{items};
}

sub _settle_next {
    my ($self, $at, $ended) = @_;
    return $self->_settle_region($at, $ended) if $self->{region};
    if (substr($self->{held}, $at, 1) ne SIGNATURE) {
        return $self->_take_passthrough($at, $self->_find_signature($at, length $self->{held}));
    }
    my $found = $self->_try_packet($at, $ended);
    if ($found->{is} eq 'false' && !$self->{expected}) {
        return $self->_take_passthrough($at, $at + 1);
    }
    my $inside = $self->_in_character($at, $ended);
    return $self->_wait($at, length($self->{held}) + 1) if $inside eq 'unknown';
    return $self->_take_passthrough($at, $at + 1)       if $inside eq 'yes';
    return $self->_wait($at, $found->{until})           if $found->{is} eq 'waiting';
    return $self->_take_packet($at, $found->{length})   if $found->{is} eq 'intact';
    return $self->_take_corrupt($at, $found, $ended);
}

# Is the signature at this place an octet inside a character of text? 'yes', 'no' or
# 'unknown': eight octets from it on, or those up to a line feed, have to read as text.
sub _in_character {
    my ($self, $at, $ended) = @_;
    my $state = $self->{text};
    return 'no' if $state == BETWEEN || $state == BROKEN;
    my $octets = substr $self->{held}, $at, 8;
    my $line   = $octets =~ s/\n.*//s;
    for my $value (unpack 'C*', $octets) {
        $state = text_after($state, $value);
        return 'no' if $state == BROKEN || $IS_CONTROL[$value];
    }
    return 'yes' if $line || $ended || length $octets == 8;
    return 'unknown';
}

# Nothing changes before the octets up to this place are there.
sub _wait {
    my ($self, $at, $until) = @_;
    $self->{wanted} = $until - $at;
    return $at;
}

# The place of the first signature from one place up to another; that where there is none.
sub _find_signature {
    my ($self, $start, $end) = @_;
    my $place = index $self->{held}, SIGNATURE, $start;
    return $place < 0 || $place >= $end ? $end : $place;
}

# An intact packet; where its fields are not well formed it is corrupt, as a whole. The text
# goes on behind it either way.
sub _take_packet {
    my ($self, $at, $length) = @_;
    my $octets = substr $self->{held}, $at, $length;
    my $packet = eval { decode($octets) };
    if ($packet) {
        $packet->{raw}       = $octets if $self->{raw};
        $packet->{recovered} = 1 if $self->{base} + $at < $self->{claimed_end};
        $self->_add($packet, $at, $at + $length);
    }
    else {
        my $error = $@;
        die $error if !Subunit::Error::Malformed->caught($error);
        my $item = { kind => 'corrupt', error => $error->what, bytes => $octets };
        $self->_add($item, $at, $at + $length);
    }
    $self->{expected} = 1;
    return $at + $length;
}

sub _take_passthrough {
    my ($self, $at, $end) = @_;
    my $octets = substr $self->{held}, $at, $end - $at;
    $self->_add({ kind => 'passthrough', bytes => $octets }, $at, $end);
    $self->{text}     = text_after_all($self->{text}, $octets);
    $self->{expected} = substr($octets, -1) eq LINE_FEED;
    return $end;
}

# What begins at this signature, where a packet was expected, is none. After a header that
# says nothing of use the signature alone is corrupt; else what it claims is a region.
sub _take_corrupt {
    my ($self, $at, $found, $ended) = @_;
    if ($found->{claims} == 0) {
        return $self->_add_corrupt($found->{error}, $at, $at + 1);
    }
    $self->{region} = { error => $found->{error}, claims => $found->{claims}, searched => 1 };
    return $self->_settle_region($at, $ended);
}

# The region that starts at this place ends at the first intact packet in it. Where octets
# are missing to say so, the search goes on from that signature when they are there.
sub _settle_region {
    my ($self, $at, $ended) = @_;
    my $region = $self->{region};
    my $there  = length $self->{held};
    my $end    = $at + $region->{claims};
    $end = $there if $end > $there;
    my $place = $self->_find_signature($at + $region->{searched}, $end);
    while ($place < $end) {
        my $found = $self->_try_packet($place, $ended);
        if ($found->{is} eq 'waiting') {
            $region->{searched} = $place - $at;
            return $self->_wait($at, $found->{until});
        }
        if ($found->{is} eq 'intact') {
            $end = $place;
        }
        else {
            $place = $self->_find_signature($place + 1, $end);
        }
    }
    my $claimed_end = $self->{base} + $at + $region->{claims};
    $self->{claimed_end} = $claimed_end if $claimed_end > $self->{claimed_end};
    $self->{region} = undef;
    return $self->_add_corrupt($region->{error}, $at, $end);
}

# A corrupt region breaks a character up; and behind a wrong checksum a packet is expected.
sub _add_corrupt {
    my ($self, $error, $at, $end) = @_;
    my $octets = substr $self->{held}, $at, $end - $at;
    $self->_add({ kind => 'corrupt', error => $error, bytes => $octets }, $at, $end);
    $self->{text}     = BROKEN;
    $self->{expected} = $error eq 'checksum';
    return $end;
}

sub _add {
    my ($self, $item, $at, $end) = @_;
    $item->{offset} = $self->{base} + $at;
    $item->{length} = $end - $at;
    push @{ $self->{items} }, $item;
    return;
}

sub _false_start {
    my ($error, $claims) = @_;
    return { is => 'false', error => $error, claims => $claims };
}

# Does a packet begin at this signature? The checks are in the order in which the octets come.
# A hash whose `is` says
#
#   intact   it does, and takes `length` octets
#   waiting     octets `until` there decide; never where the stream has ended
#   false       it does not: the `error`, and how many octets its header `claims`, 0 where that
#               cannot be used
sub _try_packet {
    my ($self, $at, $ended) = @_;
    my $there = length($self->{held}) - $at;
    my ($second, $third, $fourth, @more) = unpack 'x C C C C C', substr $self->{held}, $at, 6;
    return $self->_missing($at, 2, $ended) if $there < 2;
    return _false_start('version', 0) if $second >> 4 != 2;
    return $self->_missing($at, 3, $ended) if $there < 3;
    return _false_start('reserved_bit', 0) if $third & 0x08;
    return $self->_missing($at, 4, $ended) if $there < 4;
    my $width = ($fourth >> 6) + 1;
    return _false_start('length_encoding', 0) if $width == 4;
    return $self->_missing($at, 3 + $width, $ended) if $there < 3 + $width;

    my $length = $fourth & 0x3F;
    $length = $length << 8 | $more[$_] for 0 .. $width - 2;
    my $least = 3 + $width + 4;
    return _false_start('length_too_short', 0) if $length < $least;
    my $flags = $second << 8 | $third;
    for my $field (@LEAST) {
        $least += $field->[1] if $flags & $field->[0];
    }
    if ($there < $length) {
        return { is => 'waiting', until => $at + $length } if !$ended;
        return _false_start('length_too_short', 0) if $length < $least;
        return _false_start('truncated', $length);
    }
    return { is => 'intact', length => $length } if $self->_checksum_holds($at, $length);
    return _false_start('length_too_short', 0) if $length < $least;
    return _false_start('checksum', $length);
}

# So many octets of the header decide.
sub _missing {
    my ($self, $at, $size, $ended) = @_;
    return { is => 'waiting', until => $at + $size } if !$ended;
    return _false_start('truncated', length($self->{held}) - $at);
}

sub _checksum_holds {
    my ($self, $at, $length) = @_;
    my $size = $length - 4;
    my $said = unpack 'N', substr $self->{held}, $at + $size, 4;
    return $said == $self->{checksums}->of_range(\$self->{held}, $self->{base}, $at, $size);
}

1;
