# Starts a service as systemd does with Type=notify and OpenFile=<socket>:notify, and prints each datagram that it hears.
use strict; use warnings; use Socket; use POSIX ();
my ($place, $micros, $handed, @command) = @ARGV;
socket(my $hears, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($hears, pack_sockaddr_un($place)) or die $!;
$| = 1;
my $pid = fork;
if ($pid == 0) {
  $ENV{NOTIFY_SOCKET} = $place; $ENV{WATCHDOG_USEC} = $micros; $ENV{WATCHDOG_PID} = $$;
  if ($handed eq 'handed') {
    socket(my $speaks, AF_UNIX, SOCK_DGRAM, 0) or die $!;
    connect($speaks, pack_sockaddr_un($place)) or die $!;
    $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_FDNAMES} = 'notify';
    POSIX::dup2(fileno($speaks), 3) if fileno($speaks) != 3;
    if (fileno($speaks) == 3) { use Fcntl; fcntl($speaks, F_SETFD, 0); }
    exec { $command[0] } @command;
  }
  exec { $command[0] } @command;
}
print "pid $pid\n";
while (1) {
  my $from = recv($hears, my $text, 4096, 0);
  last unless defined $from;
  $text =~ s/\n(?=.)/ | /g; $text =~ s/\n//g;
  print "said $text\n";
}
