package Subunit::Checksums;

# Computes the CRC-32 of any range of a reader's buffer, in a time that does not grow with the
# range. The CRC-32 of "ab" is that of "a", shifted by the length of "b", exclusive-or that of
# "b". So the CRC-32 from a fixed offset, the first mark, is kept for every STEP octets. A range
# takes two of these marks, and the octets between a mark and either end.
#
# Without marks, many headers that each claim two MiB make a reader sum two MiB for each.

use strict;
use warnings;
use Subunit::Number qw(crc32 crc32_more);

use constant STEP => 2048;

# The factors that shift a checksum by 0, 1, 2, ... steps, computed when needed.
my @SHIFTS = (0x8000_0000, _shift_of_one_step());

sub new {
    my ($class) = @_;
    return bless { marks => [], first => 0 }, $class;
}

# Returns the CRC-32 of $length octets from index $start of $$buffer, whose first octet is at
# offset $offset in the stream.
sub of_range {
    my ($self, $buffer, $offset, $start, $length) = @_;
    # reader.time
    return crc32(substr $$buffer, $start, $length) if $length <= 2 * STEP;
    my $marks = $self->{marks};
    if (!@$marks) {
        @$marks = (0);
        $self->{first} = $offset + $start;
    }
    my $end    = $start + $length;
    my $origin = $self->{first} - $offset;
    my $first  = int(($start - $origin + STEP - 1) / STEP);
    my $last   = int(($end - $origin) / STEP);
    # checksum.crc32
    while (@$marks <= $last) {
        my $step = substr $$buffer, $origin + $#$marks * STEP, STEP;
        push @$marks, crc32_more($marks->[-1], $step);
    }
    my $first_index = $origin + $first * STEP;
    my $last_index = $origin + $last * STEP;
    my $before = $marks->[$first] ^ crc32(substr $$buffer, $start, $first_index - $start);
    my $to_last = $marks->[$last] ^ _shifted($before, $last - $first);
    return crc32_more($to_last, substr $$buffer, $last_index, $end - $last_index);
}

# Forgets the marks before this offset in the stream. The marks left are sums from an offset that
# is forgotten, which does no harm: only the difference of two marks is used.
sub forget_before {
    my ($self, $offset) = @_;
    # reader.memory
    while (@{ $self->{marks} } && $self->{first} < $offset) {
        shift @{ $self->{marks} };
        $self->{first} += STEP;
    }
    return;
}

# Shifts a checksum by a number of steps.
sub _shifted {
    my ($checksum, $steps) = @_;
    # checksum.crc32
    push @SHIFTS, _multiply($SHIFTS[-1], $SHIFTS[1]) while @SHIFTS <= $steps;
    return _multiply($checksum, $SHIFTS[$steps]);
}

# Multiplies polynomials of bits modulo the CRC's, reflected: the highest bit is the power 0.
sub _multiply {
    my ($one, $other) = @_;
    # checksum.crc32
    my $product = 0;
    while ($one) {
        $product ^= $other if $one & 0x8000_0000;
        $one   = $one << 1 & 0xFFFF_FFFF;
        $other = $other >> 1 ^ ($other & 1 ? 0xEDB8_8320 : 0);
    }
    return $product;
}

# Returns x to the power of 8 times STEP, by squaring: 0x0080_0000 is x to the power of 8.
sub _shift_of_one_step {
    # checksum.crc32
    my $power = 0x0080_0000;
    for (my $size = 1; $size < STEP; $size *= 2) {
        $power = _multiply($power, $power);
    }
    return $power;
}

1;
