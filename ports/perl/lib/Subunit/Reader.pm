package Subunit::Reader;

# Divides a stream, in chunks of any size, into items: packets, passthrough (any other octets)
# and corrupt regions. Together the items are the stream, octet for octet. Each is returned as
# soon as no later octet can change it, and no input makes a reader die.
#
#   my $reader = Subunit::Reader->new;
#   while (sysread STDIN, my $octets, 65536) {
#       handle($_) for @{ $reader->feed($octets) };
#   }
#   handle($_) for @{ $reader->close };
#
# An item is a hash with kind, offset, length, and
#
#   packet        the fields as Subunit::Writer takes them; recovered, if a damaged packet
#                 claimed to reach past its start; raw, its octets, with the option raw of new
#   passthrough   bytes; neighbouring items can be one text, so join them to show it
#   corrupt       bytes, and error, the error code

use strict;
use warnings;
use Subunit::Checksums;
use Subunit::Error;
use Subunit::Packet qw(decode has_form);
use Subunit::Text qw(text_after text_after_all BETWEEN BROKEN);

use constant { SIGNATURE => "\xB3", LINE_FEED => "\n" };

# Octets that could not stand in text: control characters but tab, line feed, return and escape.
my @IS_CONTROL = ((1) x 0x20, (0) x 0xE0);
# stream.character
@IS_CONTROL[ 0x09, 0x0A, 0x0D, 0x1B, 0x7F ] = (0, 0, 0, 0, 1);

sub new {
    my ($class, %options) = @_;
    my %self = (
        buffer        => '',       # octets that are in no item yet
        offset        => 0,        # the offset of the first of them in the stream
        chunks        => [],       # chunks behind the buffer, too few octets to settle anything
        arrived       => 0,        # the number of octets in these chunks
        wanted        => 1,        # the least octets, from the buffer on, that settle something
        at_sync_point => 1,        # a packet is expected here: a candidate that is none is damage
        text          => BETWEEN,  # the state of the text between packets
        region        => undef,    # a corrupt region whose end is being searched for
        claimed_end   => 0,        # packets that start before this offset are recovered
        checksums     => Subunit::Checksums->new,
        items         => [],
        raw           => $options{raw},
    );
    return bless \%self, $class;
}

# Returns the items that these octets settle, as a list of hashes.
sub feed {
    my ($self, $octets) = @_;
    utf8::downgrade($octets);    # dies if the string is text, not octets
    push @{ $self->{chunks} }, $octets;
    $self->{arrived} += length $octets;
    # reader.time
    return [] if length($self->{buffer}) + $self->{arrived} < $self->{wanted};
    # reader.packet-at-once, reader.passthrough-at-once
    return $self->_settle(0);
}

# Settles the octets that are held as at the end of the stream, and returns their items. More
# octets may follow.
sub stop_waiting {
    my ($self) = @_;
    return $self->_settle(1);
}

# Returns the number of octets that are held, because others have to arrive first.
sub held {
    my ($self) = @_;
    # reader.memory
    return length($self->{buffer}) + $self->{arrived};
}

# Returns the remaining items: the stream has ended.
sub close {
    my ($self) = @_;
    return $self->_settle(1);
}

# Returns the items of the buffer, up to the first for which octets are missing. A method that
# settles an item returns the index behind it; one that has to wait returns the index it got.
sub _settle {
    my ($self, $ended) = @_;
    $self->{buffer} .= join '', splice @{ $self->{chunks} };
    $self->{arrived} = 0;
    $self->{wanted}  = 1;
    $self->{items}   = [];
    my $index = 0;
    # stream.partition
    while ($index < length $self->{buffer}) {
        my $next = $self->_settle_next($index, $ended);
        last if $next == $index;
        $index = $next;
    }
    # reader.memory
    substr $self->{buffer}, 0, $index, '';
    $self->{offset} += $index;
    $self->{checksums}->forget_before($self->{offset});
    return $self->{items};
}

sub _settle_next {
    my ($self, $index, $ended) = @_;
    # recovery.region
    return $self->_settle_region($index, $ended) if $self->{region};
    # stream.passthrough
    if (substr($self->{buffer}, $index, 1) ne SIGNATURE) {
        my $end = $self->_find_signature($index, length $self->{buffer});
        return $self->_take_passthrough($index, $end);
    }
    # stream.try-everywhere, stream.false-start
    my $found = $self->_check_candidate($index, $ended);
    if ($found->{result} eq 'rejected' && !$self->{at_sync_point}) {
        # stream.form
        # Only a wrong checksum leaves a usable header whose octets are all there.
        my $is_damaged = $found->{error} eq 'checksum'
            && has_form(\$self->{buffer}, $index, $found->{claims});
        return $self->_take_passthrough($index, $index + 1) if !$is_damaged;
    }
    # stream.character
    my $inside = $self->_in_character($index, $ended);
    return $self->_wait($index, length($self->{buffer}) + 1) if $inside eq 'unknown';
    return $self->_take_passthrough($index, $index + 1)       if $inside eq 'yes';
    # reader.packet-at-once
    return $self->_wait($index, $found->{until})           if $found->{result} eq 'incomplete';
    return $self->_take_packet($index, $found->{length})   if $found->{result} eq 'intact';
    return $self->_take_corrupt($index, $found, $ended);
}

# Returns whether the signature at this index is inside a character of text: 'yes', 'no' or
# 'unknown'. The eight octets from it on have to be possible in text. They end sooner before a
# line feed, before a signature between characters, which may begin a packet, and with the stream.
sub _in_character {
    my ($self, $index, $ended) = @_;
    my $state = $self->{text};
    # stream.character, stream.text
    return 'no' if $state == BETWEEN || $state == BROKEN;
    # stream.character
    my $octets = substr $self->{buffer}, $index, 8;
    my $line   = $octets =~ s/\n.*//s;
    for my $value (unpack 'C*', $octets) {
        return 'yes' if $state == BETWEEN && $value == 0xB3;
        $state = text_after($state, $value);
        return 'no' if $state == BROKEN || $IS_CONTROL[$value];
    }
    return 'yes' if $line || $ended || length $octets == 8;
    return 'unknown';
}

# Waits for the octets up to an index: fewer settle nothing.
sub _wait {
    my ($self, $index, $until) = @_;
    # reader.time
    $self->{wanted} = $until - $index;
    return $index;
}

# Returns the index of the first signature from $start up to $end, or $end if there is none.
sub _find_signature {
    my ($self, $start, $end) = @_;
    my $candidate = index $self->{buffer}, SIGNATURE, $start;
    return $candidate < 0 || $candidate >= $end ? $end : $candidate;
}

# Takes an intact packet. If its fields are malformed it is corrupt as a whole. The text goes on
# behind it either way.
sub _take_packet {
    my ($self, $index, $length) = @_;
    my $octets = substr $self->{buffer}, $index, $length;
    # stream.intact-whole
    my $packet = eval { decode($octets) };
    if ($packet) {
        $packet->{raw}       = $octets if $self->{raw};
        # recovery.recovered
        $packet->{recovered} = 1 if $self->{offset} + $index < $self->{claimed_end};
        $self->_add($packet, $index, $index + $length);
    }
    else {
        # packet.first-error
        my $error = $@;
        die $error if !Subunit::Error::Malformed->caught($error);
        my $item = { kind => 'corrupt', error => $error->what, bytes => $octets };
        $self->_add($item, $index, $index + $length);
    }
    # stream.sync-point
    $self->{at_sync_point} = 1;
    return $index + $length;
}

sub _take_passthrough {
    my ($self, $index, $end) = @_;
    my $octets = substr $self->{buffer}, $index, $end - $index;
    $self->_add({ kind => 'passthrough', bytes => $octets }, $index, $end);
    # stream.text
    $self->{text}     = text_after_all($self->{text}, $octets);
    # stream.sync-point
    $self->{at_sync_point} = substr($octets, -1) eq LINE_FEED;
    return $end;
}

# Takes a rejected candidate at a sync point, or one with the form of a packet. If its header is
# unusable only the signature is corrupt; otherwise a corrupt region begins, of at most the claimed
# length.
sub _take_corrupt {
    my ($self, $index, $found, $ended) = @_;
    # recovery.unusable
    if ($found->{claims} == 0) {
        return $self->_add_corrupt($found->{error}, $index, $index + 1);
    }
    # recovery.region
    $self->{region} = { error => $found->{error}, claims => $found->{claims}, searched => 1 };
    return $self->_settle_region($index, $ended);
}

# Ends the region that starts at this index at the first intact packet in it. If a candidate in
# it needs more octets, the search goes on from that candidate once they have arrived.
sub _settle_region {
    my ($self, $index, $ended) = @_;
    # recovery.region
    my $region = $self->{region};
    my $available  = length $self->{buffer};
    my $end    = $index + $region->{claims};
    $end = $available if $end > $available;
    my $candidate = $self->_find_signature($index + $region->{searched}, $end);
    while ($candidate < $end) {
        my $found = $self->_check_candidate($candidate, $ended);
        if ($found->{result} eq 'incomplete') {
            $region->{searched} = $candidate - $index;
            return $self->_wait($index, $found->{until});
        }
        if ($found->{result} eq 'intact') {
            $end = $candidate;
        }
        else {
            $candidate = $self->_find_signature($candidate + 1, $end);
        }
    }
    # recovery.recovered
    my $claimed_end = $self->{offset} + $index + $region->{claims};
    $self->{claimed_end} = $claimed_end if $claimed_end > $self->{claimed_end};
    $self->{region} = undef;
    return $self->_add_corrupt($region->{error}, $index, $end);
}

# A corrupt region ends the text. Behind a region with a wrong checksum is a sync point.
sub _add_corrupt {
    my ($self, $error, $index, $end) = @_;
    my $octets = substr $self->{buffer}, $index, $end - $index;
    # recovery.report
    $self->_add({ kind => 'corrupt', error => $error, bytes => $octets }, $index, $end);
    # stream.text
    $self->{text}     = BROKEN;
    # stream.sync-point
    $self->{at_sync_point} = $error eq 'checksum';
    return $end;
}

sub _add {
    my ($self, $item, $index, $end) = @_;
    # stream.partition
    $item->{offset} = $self->{offset} + $index;
    $item->{length} = $end - $index;
    push @{ $self->{items} }, $item;
    return;
}

sub _rejected {
    my ($error, $claims) = @_;
    return { result => 'rejected', error => $error, claims => $claims };
}

# Checks whether a packet begins at this signature, in the order in which the octets arrive.
# Returns a hash with a `result`:
#
#   intact       a packet of `length` octets begins here
#   incomplete   the octets up to the index `until` decide; never at the end of the stream
#   rejected     no packet begins here: the `error`, and the octets that its header `claims`, 0
#                if it is unusable
sub _check_candidate {
    my ($self, $index, $ended) = @_;
    # packet.first-error, packet.unusable-header
    my $available = length($self->{buffer}) - $index;
    my ($second, $third, $fourth, @more) = unpack 'x C C C C C', substr $self->{buffer}, $index, 6;
    return $self->_missing($index, 2, $ended) if $available < 2;
    # flags.version
    return _rejected('version', 0) if $second >> 4 != 2;
    return $self->_missing($index, 3, $ended) if $available < 3;
    # flags.reserved
    return _rejected('reserved_bit', 0) if $third & 0x08;
    return $self->_missing($index, 4, $ended) if $available < 4;
    # length.limit
    my $width = ($fourth >> 6) + 1;
    return _rejected('length_encoding', 0) if $width == 4;
    return $self->_missing($index, 3 + $width, $ended) if $available < 3 + $width;

    # length.whole
    my $length = $fourth & 0x3F;
    $length = $length << 8 | $more[$_] for 0 .. $width - 2;
    # length.least
    return _rejected('length_too_short', 0) if $length < 3 + $width + 4;
    # packet.truncated
    if ($available < $length) {
        return { result => 'incomplete', until => $index + $length } if !$ended;
        return _rejected('truncated', $length);
    }
    # packet.intact
    return { result => 'intact', length => $length } if $self->_checksum_holds($index, $length);
    return _rejected('checksum', $length);
}

# The result if the first $size octets are needed and some are missing.
sub _missing {
    my ($self, $index, $size, $ended) = @_;
    # packet.truncated
    return { result => 'incomplete', until => $index + $size } if !$ended;
    return _rejected('truncated', length($self->{buffer}) - $index);
}

sub _checksum_holds {
    my ($self, $index, $length) = @_;
    my $size = $length - 4;
    # checksum.crc32
    my $expected = unpack 'N', substr $self->{buffer}, $index + $size, 4;
    my $checksums = $self->{checksums};
    return $expected == $checksums->of_range(\$self->{buffer}, $self->{offset}, $index, $size);
}

1;
