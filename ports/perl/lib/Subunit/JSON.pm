package Subunit::JSON;

# The JSON form of items: octets as hex, and JSON's true and false.

use strict;
use warnings;
use Exporter 'import';
use JSON::PP ();

our @EXPORT_OK = qw(json_of line_of packet_of_json json_of_item);

# Not ->ascii: it splits a string into characters, and takes a hundred times its memory.
my $JSON = JSON::PP->new->utf8->canonical;

# Parses a line of JSON, octets of UTF-8, to hashes and lists. Dies if it is not JSON.
sub json_of { return $JSON->decode($_[0]) }

# Writes hashes and lists as one line of JSON.
sub line_of { return $JSON->encode($_[0]) }

# Returns a packet to write from its JSON form, as a new hash.
sub packet_of_json {
    my ($form) = @_;
    my %packet = %$form;
    $packet{file_bytes} = pack 'H*', $packet{file_bytes} if exists $packet{file_bytes};
    return \%packet;
}

# Returns the JSON form of an item.
sub json_of_item {
    my ($item) = @_;
    my %form = %$item;
    for my $key (qw(bytes file_bytes)) {
        $form{$key} = unpack 'H*', $form{$key} if exists $form{$key};
    }
    for my $key (qw(runnable eof recovered)) {
        $form{$key} = $form{$key} ? JSON::PP::true : JSON::PP::false if exists $form{$key};
    }
    return \%form;
}

1;
