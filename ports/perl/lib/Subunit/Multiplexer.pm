package Subunit::Multiplexer;

# Joins several streams into one. Each packet gets the route of its input in front of its route
# code, and is sent at once. The octets between packets are sent as the content of a file,
# "stdout", on that route. Damage is sent as a report: packets of the test "subunit.parser" with
# the damaged octets, and the reason with the status fail.
#
#   my $mux = Subunit::Multiplexer->new('0', '1');
#   print $mux->feed(0, $octets);      # octets of the first input
#   print $mux->close(0);              # the end of the first input

use strict;
use warnings;
use Subunit::Damage qw(kind_of);
use Subunit::Error;
use Subunit::Packet qw(with_route);
use Subunit::Reader;
use Subunit::Text qw(octets_of_text);
use Subunit::Writer qw(encode encode_split $MOST $CHUNK);

# The regions that the reason of a report lists. Its length must not grow with the input.
use constant MOST_REASONS => 10;

# The longest code of an input, in octets: the multiplexer's own packets need room beside it.
use constant MOST_CODE => 3 * 1024 * 1024;

# Inputs are numbered from 0, in the order of their routes.
sub new {
    my ($class, @routes) = @_;
    return bless [ map { _input($_) } @routes ], $class;
}

sub _input {
    my ($route) = @_;
    # route.input-code
    my $octets = octets_of_text($route) // '';
    if ($octets eq '' || index($octets, "\0") >= 0 || length $octets > MOST_CODE) {
        Subunit::Error::Refused->throw('route_code');
    }
    return {
        route   => $route,
        octets  => $octets,
        reader  => Subunit::Reader->new(raw => 1),
        waiting => [],     # items from a region on that eight octets have to decide
        wrapped => 0,      # true while its "stdout" has no end of file yet
        parts   => [],     # output and damage to send: hashes of kind and chunks
        found   => 0,      # the number of damaged regions so far
        regions => 0,      # the number of regions in the report that is open
        reasons => [],     # the first of them, in words
        sent    => 0,      # true if damage of this report was sent
    };
}

# Returns the octets to write for octets of an input.
sub feed {
    my ($self, $number, $octets) = @_;
    # route.order
    my $input = $self->[$number];
    my $found = $input->{found};
    return $self->_in_order($input, $found, _forward($input, $input->{reader}->feed($octets), 0));
}

# Settles the octets that an input holds as at its end, and returns the octets to write. More
# octets may follow.
sub stop_waiting {
    my ($self, $number) = @_;
    # reader.stop-waiting, damage.one-report
    my $input = $self->[$number];
    my $found = $input->{found};
    return $self->_in_order($input, $found, _forward($input, $input->{reader}->stop_waiting, 1));
}

# Returns the octets to write at the end of an input.
sub close {
    my ($self, $number) = @_;
    my $input = $self->[$number];
    my $found = $input->{found};
    # damage.one-report
    my $out   = _forward($input, $input->{reader}->close, 1);
    # wrap.output
    $out .= encode(_wrapped($input, '', 1)) if $input->{wrapped};
    return $self->_in_order($input, $found, $out);
}

# Returns octets of an input, with damage among them, behind the report of another input on its
# route. $found is the number of its damaged regions before.
sub _in_order {
    my ($self, $input, $found, $octets) = @_;
    # damage.one-report
    return $octets if $input->{found} == $found;
    my @others = grep { $_ != $input && $_->{route} eq $input->{route} } @$self;
    return join '', (map { _end_of_report($_) } @others), $octets;
}

# Returns the octets to write for items, and for the items that waited for them.
sub _forward {
    my ($input, $items, $ended) = @_;
    my $waiting = $input->{waiting};
    push @$waiting, @$items;
    my @out;
    my $index = 0;
    while ($index < @$waiting) {
        # damage.output
        my $item = $waiting->[$index];
        my $kind = kind_of($waiting, $index, $ended);
        last if $kind eq 'unknown';
        $index++;
        if ($kind eq 'packet') {
            push @out, _packet($input, $item);
            next;
        }
        _note_region($input, $item) if $kind eq 'damage';
        _collect($input, $kind, $item->{bytes});
    }
    splice @$waiting, 0, $index;
    push @out, _collected($input);
    # damage.one-report
    push @out, _end_of_report($input) if $ended;
    return join '', @out;
}

# Returns the octets to write for a packet. It ends the report before it.
sub _packet {
    my ($input, $packet) = @_;
    # damage.one-report
    my @out = (_collected($input), _end_of_report($input, $packet->{recovered}));
    # route.add, route.too-long
    my $routed = _or_refused(sub { with_route($packet->{raw}, $input->{octets}) })
        // _or_refused(sub { _too_long($packet, $input->{route}) });
    if   (defined $routed) { push @out, $routed }
    else                   { _collect($input, 'output', $packet->{raw}) }
    return @out;
}

# Returns the result of a sub, or nothing if it throws Refused.
sub _or_refused {
    # route.too-long
    my ($code) = @_;
    my $octets = eval { $code->() };
    die $@ if !defined $octets && !Subunit::Error::Refused->caught($@);
    return $octets;
}

# Returns the packets for one that is too long with its new route code, each with as much of the
# rest of the content as fits. The fields are written anew, in their shortest form.
sub _too_long {
    my ($packet, $route) = @_;
    # route.too-long
    Subunit::Error::Refused->throw('packet') if !exists $packet->{file_name};
    # route.add, route.empty
    my @steps = ($route, exists $packet->{route_code} ? $packet->{route_code} : ());
    return encode_split({ %$packet, route_code => join '/', @steps }, $MOST);
}

# Collects octets to send. Neighbours of one kind share a packet: two million regions of one octet
# each would otherwise be 280 MB. If a report has many regions, all its octets share two packets.
sub _collect {
    my ($input, $kind, $octets) = @_;
    my $parts = $input->{parts};
    # damage.report
    my $last  = $#$parts;
    $last-- if $last >= 0 && $parts->[$last]{kind} ne $kind && $input->{regions} > MOST_REASONS;
    if ($last >= 0 && $parts->[$last]{kind} eq $kind) {
        push @{ $parts->[$last]{chunks} }, $octets;
    }
    else {
        push @$parts, { kind => $kind, chunks => [$octets] };
    }
    return;
}

# Returns the packets of the output and of the damage that have been collected.
sub _collected {
    my ($input) = @_;
    my @out;
    # wrap.origin
    for my $part (splice @{ $input->{parts} }) {
        my $octets = join '', @{ $part->{chunks} };
        if ($part->{kind} eq 'output') {
            push @out, encode_split(_wrapped($input, $octets, 0), $CHUNK);
            next;
        }
        # damage.report
        my %data = (%{ _report($input, 'Packet data') }, file_bytes => $octets);
        $data{mime_type} = 'application/octet-stream' if !$input->{sent};
        $input->{sent} = 1;
        push @out, encode_split(\%data, $CHUNK);
    }
    return @out;
}

# Returns a packet of the file for the passthrough of an input.
sub _wrapped {
    my ($input, $octets, $eof) = @_;
    # wrap.output, wrap.origin
    $input->{wrapped} = !$eof;
    return {
        file_name  => 'stdout',
        file_bytes => $octets,
        runnable   => 0,
        eof        => $eof,
        route_code => $input->{route},
    };
}

# Returns a packet of a file of the report on damage.
sub _report {
    my ($input, $name) = @_;
    # damage.report
    return {
        test_id    => 'subunit.parser',
        file_name  => $name,
        file_bytes => '',
        runnable   => 0,
        eof        => 0,
        route_code => $input->{route},
    };
}

sub _note_region {
    my ($input, $region) = @_;
    # damage.report
    $input->{found}++;
    return if $input->{regions}++ >= MOST_REASONS;
    push @{ $input->{reasons} },
        "$region->{error} at $region->{offset}, $region->{length} octets\n";
    return;
}

# Returns the last packets of the report that is open, if any.
sub _end_of_report {
    my ($input, $recovered) = @_;
    # damage.one-report
    return if !$input->{regions};
    my @reasons = splice @{ $input->{reasons} };
    my $more    = $input->{regions} - @reasons;
    push @reasons, "$more more regions\n"                  if $more;
    push @reasons, "the packet behind it was recovered\n" if $recovered;
    $input->{regions} = $input->{sent} = 0;
    # damage.report
    my %data   = (%{ _report($input, 'Packet data') }, eof => 1);
    my %reason = (
        %{ _report($input, 'Parser Error') },
        file_bytes  => join('', @reasons),
        mime_type   => 'text/plain;charset=utf8',
        test_status => 'fail',
        eof         => 1,
    );
    return encode(\%data), encode(\%reason);
}

1;
