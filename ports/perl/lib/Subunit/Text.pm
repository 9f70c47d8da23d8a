package Subunit::Text;

# Text to octets and back, strictly: what Perl would let pass, surrogates and code points
# above U+10FFFF, is neither written nor read.

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(octets_of_text text_of_octets text_after text_after_all BETWEEN BROKEN);

# In characters, so asked of text and never of octets.
my $NO_UNICODE = qr/[^\x{0}-\x{D7FF}\x{E000}-\x{10FFFF}]/;

# The octets of a text in UTF-8, or nothing where it has no such form.
sub octets_of_text {
    my ($text) = @_;
    return if !defined $text || $text =~ $NO_UNICODE;
    utf8::encode($text);
    return $text;
}

# The text that these octets are, or nothing where they are not UTF-8. utf8::decode refuses
# overlong forms and characters that are not complete; the rest is refused here.
sub text_of_octets {
    my ($octets) = @_;
    return if !utf8::decode($octets);
    return if $octets =~ $NO_UNICODE;
    return $octets;
}

# Where in a character a text is, octet by octet. A state is a number: how many octets of the
# character are still to come and, where its first octet narrows that, between which values the
# next has to be. BROKEN, once reached, stays.

use constant { BETWEEN => 0, BROKEN => 8 };

# state => [lowest, highest, the state behind an octet from the one to the other]
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

# The state that each octet leads to from BETWEEN.
my @FIRST = ((0) x 0x80, (BROKEN) x 0x42, (1) x 0x1E, (2) x 0x10, (3) x 5, (BROKEN) x 11);
@FIRST[ 0xE0, 0xED, 0xF0, 0xF4 ] = 4 .. 7;

# The state behind one octet more, given as its value.
sub text_after {
    my ($state, $value) = @_;
    return $FIRST[$value] if $state == BETWEEN;
    return BROKEN if $state == BROKEN;
    my ($low, $high, $next) = @{ $NEXT[$state] };
    return $value >= $low && $value <= $high ? $next : BROKEN;
}

# The state behind these octets. A line feed starts anew, so what is before the last does not
# matter; nor do octets under 0x80 where all of them are.
sub text_after_all {
    my ($state, $octets) = @_;
    my $start = rindex($octets, "\n") + 1;
    if ($start > 0) {
        $state  = BETWEEN;
        $octets = substr $octets, $start;
    }
    return $state if $state == BETWEEN && $octets !~ /[\x80-\xFF]/;
    for my $value (unpack 'C*', $octets) {
        $state = text_after($state, $value);
        last if $state == BROKEN;
    }
    return $state;
}

1;
