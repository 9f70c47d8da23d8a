package Subunit::Number;

# Encodes numbers, and computes the checksum. Octets are strings of characters from 0 to 255.

use strict;
use warnings;
use Compress::Raw::Zlib ();
use Exporter 'import';

our @EXPORT_OK = qw(number crc32 crc32_more);

# Returns a number of 0 to 1,073,741,823 in the fewest octets. The top two bits are their count,
# less one.
sub number {
    my ($value) = @_;
    # number.shortest, number.encoding
    return chr $value                            if $value < 0x40;
    return pack 'n', $value | 0x4000             if $value < 0x4000;
    return substr pack('N', $value | 0x80_0000), 1 if $value < 0x40_0000;
    return pack 'N', $value | 0xC000_0000;
}

# Continues the CRC-32 $before over these octets. The CRC-32 of no octets is 0.
sub crc32_more {
    my ($before, $octets) = @_;
    # checksum.crc32
    return Compress::Raw::Zlib::crc32($octets, $before);
}

sub crc32 {
    my ($octets) = @_;
    # checksum.crc32
    return Compress::Raw::Zlib::crc32($octets, 0);
}

1;
