package Subunit::Error;

# What this library throws: an object with a message of one word, so that a caller can tell
# apart what was refused, and why.
#
#   Subunit::Error::Refused     a packet that cannot be written; what() is the key that is wrong
#   Subunit::Error::Malformed   a packet whose fields are not well formed; what() is the code

use strict;
use warnings;

sub throw {
    my ($class, $what) = @_;
    die bless { what => $what }, $class;
}

sub what { return $_[0]{what} }

# Was this, which an eval left behind, thrown by the class?
sub caught {
    my ($class, $error) = @_;
    return ref $error && eval { $error->isa($class) };
}

package Subunit::Error::Refused;
our @ISA = ('Subunit::Error');

package Subunit::Error::Malformed;
our @ISA = ('Subunit::Error');

1;
