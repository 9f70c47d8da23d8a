package Subunit::JSON;

# The JSON form of items: octets as hex, true and false as JSON has them.

use strict;
use warnings;
use Exporter 'import';
use JSON::PP ();

our @EXPORT_OK = qw(json_of line_of packet_of_json json_of_item);

# Not ->ascii: that takes a string apart, character by character, and needs a hundred times its
# memory for it.
my $JSON = JSON::PP->new->utf8->canonical;

# A line of JSON, octets of UTF-8, to hashes and lists; dies where it is none.
sub json_of { return $JSON->decode($_[0]) }

# And back, on one line.
sub line_of { return $JSON->encode($_[0]) }

# A packet to write, from its JSON form. What arrives is a fresh copy.
sub packet_of_json {
    my ($form) = @_;
    my %packet = %$form;
    $packet{file_bytes} = pack 'H*', $packet{file_bytes} if exists $packet{file_bytes};
    return \%packet;
}

# An item that was read, in its JSON form.
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
