# Tests of the library beyond the corpus: round trips through writer, multiplexer and reader.
#
#   prove -l t

use strict;
use warnings;
use utf8;
use Test::More;
use Subunit::Multiplexer;
use Subunit::Reader;
use Subunit::Text qw(text_after text_of_octets BETWEEN);
use Subunit::Writer qw(encode encode_split $CHUNK $MOST);

# Returns the fields of an item, without its offset and length.
sub fields_of {
    my %item = %{ $_[0] };
    delete @item{qw(kind offset length)};
    return \%item;
}

my %full = (
    test_id     => 'été::test',
    test_status => 'fail',
    test_tags   => [qw(slow b a)],
    timestamp   => { seconds => 4_294_967_295, nanoseconds => 999_999_999 },
    file_name   => 'log',
    file_bytes  => "\x00\xB3\xFF",
    mime_type   => 'text/plain',
    route_code  => '0/1',
    runnable    => 1,
    eof         => 1,
);

subtest 'a written packet is read back' => sub {
    my $reader = Subunit::Reader->new;
    my @items  = map { @{ $reader->feed($_) } } split //, encode(\%full);
    is_deeply([ map { fields_of($_) } @items ], [ \%full ]);
    is_deeply($reader->close, []);
};

subtest 'a packet that no reader would take is refused' => sub {
    my %wrong = (
        test_id     => "a\0",
        mime_type   => "\x{D800}",
        file_bytes  => "\x{100}",
        test_status => 'passed',
        timestamp   => { seconds => -1, nanoseconds => 0 },
        test_tags   => [undef],
    );
    for my $key (sort keys %wrong) {
        ok !eval { encode({ %full, $key => $wrong{$key} }) };
        is $@->what, $key;
    }
};

subtest 'a packet without room for content may have content of no octets' => sub {
    # 16: signature, flags, length, checksum, and the sizes of the id, the name and no content
    my %packet = (test_id => 'a' x ($MOST - 16), file_name => 'f', file_bytes => '');
    is length encode(\%packet), $MOST;
    ok encode_split(\%packet, $CHUNK) eq encode(\%packet);
    for my $key (qw(file_bytes test_id)) {
        ok !eval { encode_split({ %packet, $key => "$packet{$key}b" }, $CHUNK) };
        is $@->what, 'packet';
    }
};

subtest 'a multiplexer puts its route in front, and wraps output' => sub {
    my $mux    = Subunit::Multiplexer->new('7');
    my $reader = Subunit::Reader->new;
    my $out    = join '', $mux->feed(0, encode(\%full) . "hello\n"), $mux->close(0);
    my @items  = map { fields_of($_) } @{ $reader->feed($out) };
    my %output = (file_name => 'stdout', route_code => '7', runnable => 0);
    is_deeply \@items, [
        { %full, route_code => '7/0/1' },
        { %output, file_bytes => "hello\n", eof => 0 },
        { %output, file_bytes => '',        eof => 1 },
    ];
};

# Returns [kind, octets or test id] of each item.
sub shown {
    return [ map { [ $_->{kind}, $_->{test_id} // $_->{error} // $_->{bytes} ] } @_ ];
}

my $packet  = encode({ test_id => 'foo', test_status => 'exists' });
my $damaged = $packet;
substr($damaged, -1) ^= "\x01";

subtest 'a damaged packet in mid-line is a region if it has the form of a packet' => sub {
    my $reader = Subunit::Reader->new;
    my @items  = (@{ $reader->feed(".$damaged$packet") }, @{ $reader->close });
    is_deeply shown(@items), [ [ passthrough => '.' ], [ corrupt => 'checksum' ], [ packet => 'foo' ] ];
    for my $tags (63, 64) {
        my $octets = encode({ test_tags => [ ('a') x $tags ] });
        substr($octets, -1) ^= "\x01";
        $reader = Subunit::Reader->new;
        @items  = (@{ $reader->feed(".$octets") }, @{ $reader->close });
        is scalar(grep { $_->{kind} eq 'corrupt' } @items), $tags == 63 ? 1 : 0, "$tags tags";
    }
};

subtest 'a packet ends the octets that decide about a character' => sub {
    my $reader = Subunit::Reader->new;
    my $octets = '5 m³';
    utf8::encode($octets);
    is $reader->feed($octets . $packet)->[-1]{test_id}, 'foo';
    is $reader->held, 0;
};

subtest 'a reader that stops waiting goes on' => sub {
    my $reader = Subunit::Reader->new;
    is_deeply $reader->feed(substr $packet, 0, -1), [];
    is $reader->held, length($packet) - 1;
    is_deeply shown(@{ $reader->stop_waiting }), [ [ corrupt => 'truncated' ] ];
    is $reader->feed($packet)->[0]{recovered}, 1;
};

subtest 'a multiplexer reports damage, and wraps text that looks like a header' => sub {
    my $mux = Subunit::Multiplexer->new('7');
    my $out = join '', $mux->feed(0, "\xB3 (see below)\n$damaged\xB3"), $mux->stop_waiting(0),
        $mux->close(0);
    my @items  = map { fields_of($_) } @{ Subunit::Reader->new->feed($out) };
    my %output = (file_name => 'stdout', route_code => '7', runnable => 0);
    my %report = (test_id => 'subunit.parser', route_code => '7', runnable => 0);
    my $reason = delete $items[4]{file_bytes};
    like $reason, qr/^checksum at 14, 12 octets$/m;
    is_deeply \@items, [
        { %output, file_bytes => "\xB3 (see below)\n", eof => 0 },
        {
            %report,
            file_name  => 'Packet data',
            file_bytes => $damaged,
            mime_type  => 'application/octet-stream',
            eof        => 0,
        },
        { %report, file_name => 'Packet data', file_bytes => "\xB3", eof => 0 },
        { %report, file_name => 'Packet data', file_bytes => '', eof => 1 },
        {
            %report,
            file_name   => 'Parser Error',
            mime_type   => 'text/plain;charset=utf8',
            test_status => 'fail',
            eof         => 1,
        },
        { %output, file_bytes => '', eof => 1 },
    ];
    for my $code ('', "a\0", "\x{D800}", 'a' x (3 * 1024 * 1024 + 1)) {
        ok !eval { Subunit::Multiplexer->new('0', $code) };
        is ref($@) && $@->what, 'route_code';
    }
};

subtest 'a string of wide characters is refused as a stream' => sub {
    ok !eval { Subunit::Reader->new->feed("\x{263A}"); 1 };
};

subtest 'the states of text and the decoder agree' => sub {
    my @edges = (0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF);
    my @short = ([]);
    my $wrong = 0;
    for my $size (1 .. 4) {
        @short = map { my $some = $_; map { [ @$some, $_ ] } @edges } @short if $size < 4;
        for my $some (@short) {
            for my $last ($size < 4 ? () : @edges) {
                $wrong += differ(@$some, $last);
            }
            $wrong += differ(@$some) if $size < 4;
        }
    }
    is $wrong, 0;
};

sub differ {
    my (@values) = @_;
    my $state = BETWEEN;
    $state = text_after($state, $_) for @values;
    return ($state == BETWEEN) != defined text_of_octets(pack 'C*', @values);
}

done_testing;
