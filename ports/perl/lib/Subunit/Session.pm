package Subunit::Session;

# The harness: answers the requests of the conformance runner.

use strict;
use warnings;
use IO::Handle ();
use JSON::PP ();
use Subunit::Error;
use Subunit::JSON qw(json_of line_of packet_of_json json_of_item);
use Subunit::Multiplexer;
use Subunit::Reader;
use Subunit::Writer qw(encode encode_split $CHUNK);

our $VERSION = '0.1.0';

my @PROFILES = qw(packet stream recovery writer multiplexer);

sub new { return bless {}, shift }

# Answers requests until the input ends, or the runner says bye.
sub run {
    my ($self, $in, $out) = @_;
    $out->autoflush(1);
    while (defined(my $line = readline $in)) {
        # The id is at the start of the line, so a line that cannot be parsed has one too.
        my ($id) = $line =~ /^\{"id":([0-9]+)/;
        my $reply = eval { $self->_answer($line) } // _failure($@);
        $reply->{id} = 0 + $id;
        print {$out} line_of($reply), "\n";
        return 0 if $line =~ /"op":"bye"/;
    }
    return 0;
}

sub _answer {
    my ($self, $line) = @_;
    my ($request, $content) = _request($line);
    my $op = $request->{op};
    return $self->_hello if $op eq 'hello';
    return {} if $op eq 'bye';
    return _encode($request, $content) if $op eq 'encode';
    if ($op eq 'open') {
        my $routes = $request->{routes};
        $self->{reader}      = $routes ? undef : Subunit::Reader->new;
        $self->{multiplexer} = $routes ? Subunit::Multiplexer->new(@$routes) : undef;
        return {};
    }
    if (exists $request->{input}) {
        my $mux = $self->{multiplexer};
        return _octets($mux->feed($request->{input}, $content)) if $op eq 'feed';
        return _octets($mux->stop_waiting($request->{input}))   if $op eq 'stop';
        return _octets($mux->close($request->{input}))          if $op eq 'close';
    }
    my $reader = $self->{reader};
    return _items($reader, $reader->feed($content)) if $op eq 'feed';
    return _items($reader, $reader->stop_waiting)   if $op eq 'stop';
    return _items($reader, $reader->close)          if $op eq 'close';
    return { unsupported => $op };
}

sub _octets {
    my ($octets) = @_;
    return { bytes => unpack 'H*', $octets };
}

sub _items {
    my ($reader, $items) = @_;
    return { items => [ map { json_of_item($_) } @$items ], held => $reader->held };
}

sub _hello {
    return {
        name     => 'subunit-perl',
        version  => $VERSION,
        language => 'Perl',
        profiles => \@PROFILES,
        live     => JSON::PP::true(),
    };
}

sub _encode {
    my ($request, $content) = @_;
    my $packet = packet_of_json($request->{packet});
    $packet->{file_bytes} = $content if defined $content;
    my $octets = $request->{split} ? encode_split($packet, $CHUNK) : encode($packet);
    return _octets($octets);
}

# Returns a request, and the octets of a long value in it. JSON::PP parses a string octet by
# octet, which takes seconds for megabytes of hex, so hex is cut out first. Quotes inside
# strings are escaped, so the pattern matches keys only.
sub _request {
    my ($line) = @_;
    my $content;
    if ($line =~ s/,"(?:file_)?bytes":"([0-9a-f]*)"//) {
        $content = pack 'H*', $1;
    }
    my $request = eval { json_of($line) };
    # JSON::PP fails on lone surrogates, and on nothing else that a runner sends.
    Subunit::Error::Refused->throw(JSON::PP::true()) if !$request;
    return ($request, $content);
}

sub _failure {
    my ($error) = @_;
    return { refused => $error->what } if Subunit::Error::Refused->caught($error);
    chomp $error;
    return { error => "$error" };
}

1;
