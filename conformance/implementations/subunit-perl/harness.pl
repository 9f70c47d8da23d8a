#!/usr/bin/perl

# Asks the implementation in ports/perl, whose Subunit::Session is the harness.

use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../../../ports/perl/lib";
use Subunit::Session;

binmode STDIN;
binmode STDOUT;
exit Subunit::Session->new->run(\*STDIN, \*STDOUT);
