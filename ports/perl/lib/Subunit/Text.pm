package Subunit::Text;

# Strict UTF-8: converts text to octets and back. Surrogates and code points above U+10FFFF,
# which Perl accepts, are refused in both directions.

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(octets_of_text text_of_octets text_after text_after_all BETWEEN BROKEN);

# Matches characters, so it applies to text and never to octets.
my $NO_UNICODE = qr/[^\x{0}-\x{D7FF}\x{E000}-\x{10FFFF}]/;

# Returns a text as octets of UTF-8, or nothing if UTF-8 cannot encode it.
sub octets_of_text {
    my ($text) = @_;
    # string.utf8
    return if !defined $text || $text =~ $NO_UNICODE;
    utf8::encode($text);
    return $text;
}

# Returns the text of octets, or nothing if they are not UTF-8. utf8::decode refuses overlong
# forms and incomplete characters; the pattern refuses the rest.
sub text_of_octets {
    my ($octets) = @_;
    # string.utf8
    return if !utf8::decode($octets);
    return if $octets =~ $NO_UNICODE;
    return $octets;
}

# The states of a text, octet by octet. A state is a number. It stands for the octets of the
# character that are still to come, and for the limits of the next octet, which some first
# octets narrow. BROKEN, once reached, stays.

use constant { BETWEEN => 0, BROKEN => 8 };

# state => [lowest, highest, the state after an octet between them]
# stream.text
my @NEXT = (
    undef,
    [ 0x80, 0xBF, 0 ],
    [ 0x80, 0xBF, 1 ],
    [ 0x80, 0xBF, 2 ],
    [ 0xA0, 0xBF, 1 ],    # 4: behind E0
    [ 0x80, 0x9F, 1 ],    # 5: behind ED
    [ 0x90, 0xBF, 2 ],    # 6: behind F0
    [ 0x80, 0x8F, 2 ],    # 7: behind F4
);

# The state after each octet from BETWEEN.
# stream.text
my @FIRST = ((0) x 0x80, (BROKEN) x 0x42, (1) x 0x1E, (2) x 0x10, (3) x 5, (BROKEN) x 11);
@FIRST[ 0xE0, 0xED, 0xF0, 0xF4 ] = 4 .. 7;

# Returns the state after one more octet, given as its value.
sub text_after {
    my ($state, $value) = @_;
    # stream.text
    return $FIRST[$value] if $state == BETWEEN;
    return BROKEN if $state == BROKEN;
    my ($low, $high, $next) = @{ $NEXT[$state] };
    return $value >= $low && $value <= $high ? $next : BROKEN;
}

# Returns the state after these octets. A line feed resets the state, so only the octets behind
# the last one matter. Between characters, octets under 0x80 change nothing.
sub text_after_all {
    my ($state, $octets) = @_;
    # stream.text
    my $start = rindex($octets, "\n") + 1;
    if ($start > 0) {
        $state  = BETWEEN;
        $octets = substr $octets, $start;
    }
    return $state if $state == BETWEEN && $octets !~ /[\x80-\xFF]/;
    # stream.text
    for my $value (unpack 'C*', $octets) {
        $state = text_after($state, $value);
        last if $state == BROKEN;
    }
    return $state;
}

1;
