package Subunit::Checksums;

# The CRC-32 of any range of the octets that a reader holds, in a time that does not grow with
# the range. The CRC-32 of "ab" is that of "a", shifted by the length of "b", exclusive-or that
# of "b". So that from some place on, the first mark, is kept for every so many octets: a range
# takes two of these marks and at most two pieces between a mark and an end.
#
# Without it, headers that each claim two MiB make a reader sum all of that for every one.

use strict;
use warnings;
use Subunit::Number qw(crc32 crc32_more);

use constant STEP => 2048;

# What a checksum is multiplied with to shift it by 0, 1, 2, ... steps: made as needed.
my @SHIFTS = (0x8000_0000, _shift_of_one_step());

sub new {
    my ($class) = @_;
    return bless { marks => [], first => 0 }, $class;
}

# Of so many octets at a place in $$held, where the first octet held has the place $base in the
# stream.
sub of_range {
    my ($self, $held, $base, $start, $length) = @_;
    return crc32(substr $$held, $start, $length) if $length <= 2 * STEP;
    my $marks = $self->{marks};
    if (!@$marks) {
        @$marks = (0);
        $self->{first} = $base + $start;
    }
    my $end    = $start + $length;
    my $origin = $self->{first} - $base;
    my $first  = int(($start - $origin + STEP - 1) / STEP);
    my $last   = int(($end - $origin) / STEP);
    while (@$marks <= $last) {
        my $step = substr $$held, $origin + $#$marks * STEP, STEP;
        push @$marks, crc32_more($marks->[-1], $step);
    }
    my $inside = $origin + $first * STEP;
    my $behind = $origin + $last * STEP;
    my $before = $marks->[$first] ^ crc32(substr $$held, $start, $inside - $start);
    my $until  = $marks->[$last] ^ _shifted($before, $last - $first);
    return crc32_more($until, substr $$held, $behind, $end - $behind);
}

# Marks before this place in the stream are not asked for again. A mark that is a sum from
# further back on than the first is as good: what counts is the difference of two.
sub forget_before {
    my ($self, $place) = @_;
    while (@{ $self->{marks} } && $self->{first} < $place) {
        shift @{ $self->{marks} };
        $self->{first} += STEP;
    }
    return;
}

# The checksum of octets with so many steps of zeros behind them, but for what those add.
sub _shifted {
    my ($checksum, $steps) = @_;
    push @SHIFTS, _multiply($SHIFTS[-1], $SHIFTS[1]) while @SHIFTS <= $steps;
    return _multiply($checksum, $SHIFTS[$steps]);
}

# Polynomials of bits modulo the CRC's, reflected: the highest bit is the power 0.
sub _multiply {
    my ($one, $other) = @_;
    my $product = 0;
    while ($one) {
        $product ^= $other if $one & 0x8000_0000;
        $one   = $one << 1 & 0xFFFF_FFFF;
        $other = $other >> 1 ^ ($other & 1 ? 0xEDB8_8320 : 0);
    }
    return $product;
}

# x to the power of 8 times STEP, by squaring: 0x0080_0000 is x to the power of 8.
sub _shift_of_one_step {
    my $power = 0x0080_0000;
    for (my $size = 1; $size < STEP; $size *= 2) {
        $power = _multiply($power, $power);
    }
    return $power;
}

1;
