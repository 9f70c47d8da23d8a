package Subunit::Error;

# The exceptions of this library: objects whose what() is one word, for callers to compare.
#
#   Subunit::Error::Refused     a packet that cannot be written; what() is the key at fault
#   Subunit::Error::Malformed   a packet with malformed fields; what() is the error code

use strict;
use warnings;

sub throw {
    my ($class, $what) = @_;
    die bless { what => $what }, $class;
}

sub what { return $_[0]{what} }

# Returns whether an error, as left by eval, is of this class.
sub caught {
    my ($class, $error) = @_;
    return ref $error && eval { $error->isa($class) };
}

package Subunit::Error::Refused;
our @ISA = ('Subunit::Error');

package Subunit::Error::Malformed;
our @ISA = ('Subunit::Error');

1;
