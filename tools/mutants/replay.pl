#!/usr/bin/perl

# Puts the cases of the corpus to the library in @INC, in this process, and compares its answers
# with those of the library as it is.
#
#   perl -I LIB replay.pl prepare CASES BASE PLAN   reads the cases, keeps them with their answers
#   perl -I LIB replay.pl compare BASE              reads numbers of cases, until one differs
#
# `prepare` prints a line for each case: its id and its time in seconds. `compare` prints one line:
# "same"; or the number of a case behind "wrong", "differs" or "timed out". A stream is read whole,
# and then octet by octet, or in chunks if it is long: the items have to be the same, and to be
# delivered as soon. With the plan `laws`, it is cut in two as well, at each index if it is short. Other items of the whole stream, and another packet, are "wrong". All else
# "differs", and may be as good.

use strict;
use warnings;
no warnings 'recursion';
use Digest::MD5 qw(md5_hex);
use Storable ();
use Time::HiRes qw(setitimer ITIMER_VIRTUAL);

use constant OCTET_BY_OCTET => 512;
use constant CHUNKS         => 40;
use constant ALL_CUTS       => 64;
use constant SOME_CUTS      => 48;

# Seconds of the processor that a case has, and times its own time as it is.
use constant { LEAST_TIME => 0.5, MOST_TIMES => 10, STARTING => 2 };

# A mutant may warn at each octet.
open STDERR, '>', '/dev/null' or die $!;
$SIG{__WARN__} = sub { };

# A mutant may run forever before the first case. The signal ends the process.
setitimer(ITIMER_VIRTUAL, STARTING);
require Subunit::Error;
require Subunit::Reader;
require Subunit::Writer;
require Subunit::Multiplexer;
setitimer(ITIMER_VIRTUAL, 0);

my ($action, @paths) = @ARGV;
if ($action eq 'prepare') { prepare(@paths) }
else                      { compare(@paths) }

sub prepare {
    my ($cases, $base, $plan) = @_;
    my $list = do $cases or die $@;
    for my $case (@$list) {
        $case->{plan} = $plan;
        my $start = (times)[0];
        @$case{qw(whole answer)} = answer($case);
        $case->{time}   = (times)[0] - $start;
        print "$case->{id}\t$case->{time}\n";
    }
    Storable::nstore($list, $base);
}

sub compare {
    my ($base) = @_;
    my $list = Storable::retrieve($base);
    my $number;
    $SIG{VTALRM} = sub { print "timed out $number\n"; exit };
    for my $each (split ' ', do { local $/; <STDIN> }) {
        $number = $each;
        my $case = $list->[$number];
        setitimer(ITIMER_VIRTUAL, LEAST_TIME + MOST_TIMES * $case->{time});
        my ($whole, $all) = answer($case);
        next if $all eq $case->{answer};
        setitimer(ITIMER_VIRTUAL, 0);
        my $is_certain = $case->{kind} eq 'reader' || $case->{kind} eq 'writer' && !$case->{split};
        my $is_wrong   = $is_certain && $whole ne $case->{whole};
        print $is_wrong ? 'wrong' : 'differs', " $number\n";
        return;
    }
    print "same\n";
}

# The answers to a case, as digests: the items of the whole stream, or the octets; and all.
sub answer {
    my ($case) = @_;
    my $answer = eval { $case->{kind} eq 'reader' ? read_stream($case) : [ [ outputs($case) ] ] }
        // [ failure($@) ];
    return map { md5_hex(text_of($_)) } $answer->[0], $answer;
}

sub failure {
    my ($error) = @_;
    return ref $error ? 'refused ' . ($error->{what} // '') : 'died';
}

sub read_stream {
    my ($case) = @_;
    my $octets = octets($case->{stream});
    my $size   = length $octets;
    my $step   = $size <= OCTET_BY_OCTET ? 1 : int($size / CHUNKS) + 1;
    my @answers;
    my @plans = ([], [ map { $_ * $step } 1 .. int($size / $step) ]);
    if ($case->{plan} eq 'laws') {
        my $between = $size <= ALL_CUTS ? 1 : int($size / SOME_CUTS);
        push @plans, map { [ $_ * $between ] } 1 .. int($size / $between);
    }
    for my $plan (@plans) {
        my $reader = Subunit::Reader->new;
        my %stops  = map { $_ => 1 } @{ $case->{stops} };
        my %cuts   = (%stops, map { $_ => 1 } @$plan);
        my ($at, $out, @items, @delivered) = (0, 0);
        for my $cut (sort { $a <=> $b } keys %{ { %cuts, $size => 1 } }) {
            my @new = @{ $reader->feed(substr $octets, $at, $cut - $at) };
            push @new, @{ $reader->stop_waiting } if $stops{$cut};
            $at = $cut;
            $out += $_->{length} for @new;
            push @delivered, $out, $reader->held;
            push @items,     @new;
        }
        push @answers, joined(@items, @{ $reader->close }), \@delivered;
    }
    return \@answers;
}

# Items with neighbouring passthrough in one.
sub joined {
    my @items;
    for my $item (@_) {
        my $last = $items[-1];
        if ($last && $item->{kind} eq 'passthrough' && $last->{kind} eq 'passthrough') {
            $last->{bytes} .= $item->{bytes};
            $last->{length} += $item->{length};
            next;
        }
        my %item = %$item;
        for my $key (qw(runnable eof recovered)) {
            $item{$key} = $item{$key} ? 1 : 0 if exists $item{$key};
        }
        push @items, \%item;
    }
    return \@items;
}

sub outputs {
    my ($case) = @_;
    if ($case->{kind} eq 'writer') {
        my %packet = map { $_ => whole($case->{packet}{$_}) } keys %{ $case->{packet} };
        $packet{file_bytes} = pack 'H*', $packet{file_bytes} if exists $packet{file_bytes};
        return Subunit::Writer::encode(\%packet) if !$case->{split};
        no warnings 'once';
        return Subunit::Writer::encode_split(\%packet, $Subunit::Writer::CHUNK);
    }
    my $mux = Subunit::Multiplexer->new(@{ $case->{routes} });
    return map {
        my ($input, $action, $octets) = @$_;
        $action eq 'feed' ? $mux->feed($input, octets($octets)) : $mux->$action($input)
    } @{ $case->{feeds} };
}

# A string of the built form: itself, or pairs of a string and its number of times.
sub whole {
    my ($value) = @_;
    return $value if ref $value ne 'ARRAY' || !@$value || ref $value->[0] ne 'ARRAY';
    return join '', map { $_->[0] x $_->[1] } @$value;
}

sub octets { return pack 'H*', whole($_[0]) }

# A value as octets: equal values have equal texts.
sub text_of {
    my ($value) = @_;
    return 'undef' if !defined $value;
    return '{' . join(',', map { "$_=" . text_of($value->{$_}) } sort keys %$value) . '}'
        if ref $value eq 'HASH';
    return '[' . join(',', map { text_of($_) } @$value) . ']' if ref $value eq 'ARRAY';
    my $text = "$value";
    utf8::encode($text) if utf8::is_utf8($text);
    return length($text) . ":$text";
}
