package Subunit::Multiplexer;

# Joins several streams into one. Each packet gets the route of its input in front of its route
# code, and is sent at once. The octets between packets are sent as the content of a file,
# "stdout", on that route.
#
#   my $mux = Subunit::Multiplexer->new('0', '1');
#   print $mux->feed(0, $octets);      # octets of the first input
#   print $mux->close(0);              # the end of the first input

use strict;
use warnings;
use Subunit::Error;
use Subunit::Packet qw(with_route);
use Subunit::Reader;
use Subunit::Text qw(octets_of_text);
use Subunit::Writer qw(encode encode_split $MOST $CHUNK);

# Inputs are numbered from 0, in the order of their routes.
sub new {
    my ($class, @routes) = @_;
    my @inputs = map {
        {
            route   => $_,
            octets  => octets_of_text($_) // Subunit::Error::Refused->throw('route_code'),
            reader  => Subunit::Reader->new(raw => 1),
            wrapped => 0,    # true while its "stdout" has no end of file yet
        }
    } @routes;
    return bless \@inputs, $class;
}

# Returns the octets to write for octets of an input.
sub feed {
    my ($self, $number, $octets) = @_;
    my $input = $self->[$number];
    return join '', map { _forward($input, $_) } @{ $input->{reader}->feed($octets) };
}

# Returns the octets to write at the end of an input.
sub close {
    my ($self, $number) = @_;
    my $input = $self->[$number];
    my @out = map { _forward($input, $_) } @{ $input->{reader}->close };
    push @out, encode(_wrapped($input, '', 1)) if $input->{wrapped};
    return join '', @out;
}

sub _forward {
    my ($input, $item) = @_;
    return _wrap($input, $item->{bytes}) if $item->{kind} ne 'packet';
    return _or_refused(sub { with_route($item->{raw}, $input->{octets}) })
        // _or_refused(sub { _too_long($item, $input->{route}) })
        // _wrap($input, $item->{raw});
}

# Returns the result of a sub, or nothing if it throws Refused.
sub _or_refused {
    my ($code) = @_;
    my $octets = eval { $code->() };
    die $@ if !defined $octets && !Subunit::Error::Refused->caught($@);
    return $octets;
}

# Returns two packets for one that is too long with its new route code: as much content as fits,
# and the rest. The fields are written anew, in their shortest form.
sub _too_long {
    my ($packet, $route) = @_;
    Subunit::Error::Refused->throw('packet') if !exists $packet->{file_name};
    my @steps = ($route, exists $packet->{route_code} ? $packet->{route_code} : ());
    return encode_split({ %$packet, route_code => join '/', @steps }, $MOST);
}

sub _wrap {
    my ($input, $octets) = @_;
    return encode_split(_wrapped($input, $octets, 0), $CHUNK);
}

# Returns a packet of the file for the passthrough of an input.
sub _wrapped {
    my ($input, $octets, $eof) = @_;
    $input->{wrapped} = !$eof;
    return {
        file_name  => 'stdout',
        file_bytes => $octets,
        runnable   => 0,
        eof        => $eof,
        route_code => $input->{route},
    };
}

1;
